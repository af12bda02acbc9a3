import { setTimeout as sleep } from 'node:timers/promises';
import { app, input, output, trigger } from '@azure/functions';

const seen = [];
app.warmup('warm', { handler: (warmup) => void seen.push(['warm', warmup]) });
app.http('seen', { authLevel: 'anonymous', handler: () => ({ jsonBody: seen }) });
app.http('slow', {
  authLevel: 'anonymous',
  handler: async () => {
    await sleep(600);
    seen.push(['slow']);
    return { body: 'too late' };
  },
});
app.http('fast', { authLevel: 'anonymous', handler: () => ({ body: 'in time' }) });
app.http('length', {
  authLevel: 'anonymous',
  methods: ['POST'],
  handler: async (request) => ({ body: String((await request.text()).length) }),
});
app.generic('generic', {
  trigger: trigger.generic({ type: 'httpTrigger', authLevel: 'anonymous', methods: ['GET'], route: 'generic/{id}' }),
  return: output.generic({ type: 'http' }),
  retry: { strategy: 'fixedDelay', maxRetryCount: 1, delayInterval: 1 },
  handler: (request) => ({ body: `generic ${request.params.id}` }),
});
const rows = input.generic({ type: 'sql', commandText: 'SELECT 1', connectionStringSetting: 'Nowhere' });
app.http('unserved', { authLevel: 'anonymous', extraInputs: [rows], handler: () => ({ body: 'never' }) });
app.serviceBusQueue('bus', { queueName: 'q', connection: 'Nowhere', handler: () => {} });
