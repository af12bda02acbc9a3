import * as df from 'durable-functions';

// Values go the ways that there are and come back: the type and the JSON of what arrived, as text.
const shown = (value) => `${typeof value} ${JSON.stringify(value)}`;

df.app.activity('show', { handler: shown });
df.app.activity('give', { handler: (value) => value });
df.app.orchestration('showInput', function* (context) {
  return yield context.df.callActivity('show', context.df.getInput());
});
df.app.entity('showEntity', (context) => {
  if (context.df.operationName === 'keep') {
    context.df.setState(context.df.getInput());
  }
  context.df.return(shown(context.df.operationName === 'kept' ? context.df.getState() : context.df.getInput()));
});
df.app.orchestration('waysOfValues', function* (context) {
  const value = yield context.df.waitForExternalEvent('value');
  const entity = new df.EntityId('showEntity', context.df.instanceId);
  const kept = yield context.df.callEntity(entity, 'keep', value);
  return {
    event: shown(value),
    activity: yield context.df.callActivity('show', value),
    result: shown(yield context.df.callActivity('give', value)),
    retried: yield context.df.callActivityWithRetry('show', new df.RetryOptions(1, 2), value),
    child: yield context.df.callSubOrchestrator('showInput', value),
    childRetried: yield context.df.callSubOrchestratorWithRetry('showInput', new df.RetryOptions(1, 2), value),
    entity: kept,
    state: yield context.df.callEntity(entity, 'kept'),
  };
});
df.app.orchestration('againBare', function* (context) {
  const input = context.df.getInput();
  if (input?.first !== true) {
    return shown(input);
  }
  const value = yield context.df.callActivity('give', input.value);
  context.df.continueAsNew(value);
});
