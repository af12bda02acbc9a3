import * as df from 'durable-functions';

const attempts = new Map();
const attempt = (key) => {
  const number = (attempts.get(key) ?? 0) + 1;
  attempts.set(key, number);
  return number;
};

df.app.activity('alwaysFails', {
  handler: (key) => {
    attempt(key);
    throw new Error('it always fails');
  },
});
df.app.activity('failsOnce', {
  handler: (key) => {
    if (attempt(key) === 1) {
      throw new TypeError('this activity failed\nand has more to say', { cause: new RangeError('the inner cause') });
    }
    return 'this activity succeeded';
  },
});
df.app.activity('attemptsOf', { handler: (key) => attempts.get(key) ?? 0 });

df.app.orchestration('activityWithRetries', function* (context) {
  const { instanceId } = context.df;
  let caught;
  try {
    yield context.df.callActivityWithRetry('alwaysFails', new df.RetryOptions(10, 2), instanceId);
  } catch (error) {
    caught = error.message;
  }
  return { caught, attempts: yield context.df.callActivity('attemptsOf', instanceId) };
});

df.app.orchestration('childWithRetries', function* (context) {
  const childId = `${context.df.instanceId}:0`;
  let caught;
  try {
    yield context.df.callSubOrchestratorWithRetry('throwsAtOnce', new df.RetryOptions(10, 3), 'input', childId);
  } catch (error) {
    caught = error.message;
  }
  return { caught, attempts: yield context.df.callActivity('attemptsOf', childId) };
});
df.app.orchestration('throwsAtOnce', function* (context) {
  yield context.df.callActivity('count', context.df.instanceId);
  throw new Error('throwsAtOnce does what it says');
});
df.app.activity('count', { handler: attempt });

df.app.orchestration('rethrows', function* (context) {
  yield context.df.callActivity('failsOnce', context.df.instanceId);
});
df.app.orchestration('catches', function* (context) {
  try {
    return yield context.df.callActivity('failsOnce', context.df.instanceId);
  } catch (error) {
    return `caught: ${error.message}`;
  }
});
df.app.orchestration('retries', function* (context) {
  return yield context.df.callActivityWithRetry('failsOnce', new df.RetryOptions(10, 3), context.df.instanceId);
});
df.app.orchestration('callsNothing', function* (context) {
  return yield context.df.callActivity('noSuchActivity', 'hello');
});
df.app.orchestration('callsNoEntity', function* (context) {
  return yield context.df.callEntity(new df.EntityId('noSuchEntity', 'key'), 'any');
});

df.app.orchestration('impatient', function* (context) {
  const options = new df.RetryOptions(60, 20);
  options.retryTimeoutInMilliseconds = 100;
  const { instanceId } = context.df;
  let caught;
  try {
    yield context.df.callActivityWithRetry('alwaysFails', options, instanceId);
  } catch (error) {
    caught = error.message;
  }
  return { caught, attempts: yield context.df.callActivity('attemptsOf', instanceId) };
});
