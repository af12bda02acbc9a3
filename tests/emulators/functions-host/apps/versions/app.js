import { app } from '@azure/functions';
import * as df from 'durable-functions';

df.app.activity('greet', { handler: (name) => `Hello ${name}` });
df.app.activity('greetWarmly', { handler: (name) => `Dear ${name}` });
df.app.orchestration('greeting', function* (context) {
  const old = context.df.version === '' || context.df.version.startsWith('1.');
  const text = yield context.df.callActivity(old ? 'greet' : 'greetWarmly', 'Ann');
  return { version: context.df.version, text };
});
df.app.orchestration('family', function* (context) {
  const [same, older] = yield context.df.Task.all([
    context.df.callSubOrchestrator('greeting'),
    context.df.callSubOrchestrator('greeting', null, undefined, '1.5'),
  ]);
  return { own: context.df.version, same: same.version, older: older.version };
});
df.app.orchestration('rounds', function* (context) {
  if (context.df.getInput() === 0) {
    return context.df.version;
  }
  yield context.df.callActivity('greet', 'again');
  context.df.continueAsNew(context.df.getInput() - 1);
});
df.app.orchestration('waiting', function* (context) {
  return yield context.df.waitForExternalEvent('go');
});

app.http('client', {
  methods: ['POST'],
  authLevel: 'anonymous',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const { method, args } = await request.json();
    try {
      return { jsonBody: { ok: true, value: (await df.getClient(context)[method](...args)) ?? null } };
    } catch (error) {
      return { jsonBody: { ok: false, error: error.message } };
    }
  },
});
