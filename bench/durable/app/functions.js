import { app } from '@azure/functions';
import * as df from 'durable-functions';

df.app.activity('increment', { handler: (count) => count + 1 });

/** So many activities, one after the other. */
df.app.orchestration('sequence', function* (context) {
  let count = 0;
  const steps = context.df.getInput();
  while (count < steps) count = yield context.df.callActivity('increment', count);
  return count;
});

/** So many activities at once. */
df.app.orchestration('fan-out', function* (context) {
  const tasks = [];
  for (let index = 0; index < context.df.getInput(); index++) tasks.push(context.df.callActivity('increment', index));
  const results = yield context.df.Task.all(tasks);
  return results.length;
});

/** Open until somebody says go. */
df.app.orchestration('wait', function* (context) {
  return yield context.df.waitForExternalEvent('go');
});

app.http('hello', { methods: ['GET'], authLevel: 'anonymous', handler: () => ({ body: 'hello' }) });

app.http('start', {
  methods: ['POST'],
  authLevel: 'anonymous',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => ({
    body: await df.getClient(context).startNew(request.query.get('name'), { input: 1 }),
  }),
});
