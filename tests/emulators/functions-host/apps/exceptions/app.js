import { app } from '@azure/functions';
import * as df from 'durable-functions';

class OrderError extends Error {
  name = 'OrderError';
  constructor(message, order) {
    super(message);
    this.order = order;
  }
}

df.app.setExceptionPropertiesProvider({
  getExceptionProperties: (error) =>
    error instanceof OrderError ? { order: error.order, tags: ['a', 'b'] } : undefined,
});

df.app.activity('order', {
  handler: (order) => {
    throw new OrderError(`no such order: ${order}`, order);
  },
});
df.app.activity('plain', {
  handler: () => {
    throw new Error('a plain error');
  },
});

const told = (error) => ({
  isTaskFailedError: error instanceof df.TaskFailedError,
  message: error.message,
  type: error.failureDetails?.errorType,
  properties: error.failureDetails?.properties,
  task: error.taskName,
});
df.app.orchestration('catches', function* (context) {
  const errors = [];
  for (const [name, input] of context.df.getInput()) {
    try {
      yield name === 'fails' ? context.df.callSubOrchestrator(name, input) : context.df.callActivity(name, input);
    } catch (error) {
      errors.push(told(error));
    }
  }
  return errors;
});
df.app.orchestration('fails', function* (context) {
  yield context.df.callActivity('order', context.df.getInput());
});

app.http('run', {
  route: 'run/{name}',
  methods: ['POST'],
  authLevel: 'anonymous',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const id = await client.startNew(request.params.name, { input: await request.json() });
    return client.waitForCompletionOrCreateCheckStatusResponse(request, id, {
      timeoutInMilliseconds: 8000,
      retryIntervalInMilliseconds: 20,
    });
  },
});
