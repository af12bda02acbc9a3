import { app } from '@azure/functions';
import * as df from 'durable-functions';

// Starts an orchestration and says where to look for it.
app.http('startOrchestration', {
  route: 'orchestrators/{name}',
  authLevel: 'anonymous',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const id = await client.startNew(request.params.name, { input: await request.json().catch(() => undefined) });
    return client.createCheckStatusResponse(request, id);
  },
});

const milliseconds = (request, name) => Number(request.query.get(name) ?? 0) * 1000 || undefined;

// Starts an orchestration and waits for it as long as the caller wants.
app.http('startAndWait', {
  route: 'orchestrators/wait/{name}/{id?}',
  methods: ['POST'],
  authLevel: 'anonymous',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const input = await request.json().catch(() => undefined);
    const instanceId = request.params.id;
    const id = await client.startNew(request.params.name, { input, ...(instanceId ? { instanceId } : {}) });
    return client.waitForCompletionOrCreateCheckStatusResponse(request, id, {
      timeoutInMilliseconds: milliseconds(request, 'timeout') ?? 8000,
      retryIntervalInMilliseconds: milliseconds(request, 'retryInterval') ?? 20,
    });
  },
});

// Any method of the durable client: {"method": "...", "args": [...]}.
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
