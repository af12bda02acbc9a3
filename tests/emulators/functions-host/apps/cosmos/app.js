import { setTimeout as sleep } from 'node:timers/promises';
import { app, input, output } from '@azure/functions';

const rows = { connection: 'Insights', databaseName: 'insights', containerName: 'rows' };
const copies = output.cosmosDB({ ...rows, containerName: 'copies', createIfNotExists: true, partitionKey: '/pk' });

const seen = [];
app.http('seen', { authLevel: 'anonymous', handler: () => ({ jsonBody: seen }) });

app.cosmosDB('changed', {
  ...rows,
  feedPollDelay: 50,
  startFromBeginning: true,
  maxItemsPerInvocation: 10,
  return: copies,
  handler: async (documents) => {
    seen.push(documents.map(({ id, n }) => ({ id, n })));
    if (documents.some(({ id }) => id === 'slow')) {
      await sleep(400);
    }
    return documents.map(({ id, pk, n }) => ({ id, pk, n }));
  },
});

let failures = 0;
app.cosmosDB('retried', {
  ...rows,
  containerName: 'copies',
  feedPollDelay: 50,
  startFromBeginning: true,
  retry: { strategy: 'fixedDelay', maxRetryCount: 2, delayInterval: { milliseconds: 10 } },
  handler: (documents) => {
    if (documents.some(({ id }) => id === 'twice') && failures === 0) {
      failures++;
      throw new Error('not yet');
    }
    seen.push({ retried: documents.map(({ id }) => id), failures });
  },
});

const one = input.cosmosDB({ ...rows, id: '{Query.id}', partitionKey: '{pk}' });
app.http('one', {
  route: 'one/{pk}',
  authLevel: 'anonymous',
  extraInputs: [one],
  handler: (_request, context) => {
    const document = context.extraInputs.get(one);
    return document === undefined ? { status: 404 } : { jsonBody: document };
  },
});

const found = input.cosmosDB({
  ...rows,
  sqlQuery: 'SELECT c.id FROM c WHERE c.pk = {pk} AND c.kind = {Query.kind} ORDER BY c.id',
});
app.http('found', {
  route: 'found/{pk}',
  authLevel: 'anonymous',
  extraInputs: [found],
  handler: (_request, context) => ({ jsonBody: context.extraInputs.get(found) }),
});

const written = output.cosmosDB(rows);
app.http('write', {
  methods: ['POST'],
  authLevel: 'anonymous',
  extraOutputs: [written],
  handler: async (request, context) => {
    context.extraOutputs.set(written, await request.json());
    return { body: 'done' };
  },
});
