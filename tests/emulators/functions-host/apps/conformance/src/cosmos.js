import { app, input, output } from '@azure/functions';

const database = {
  connection: 'Cosmos',
  databaseName: 'insights',
  createLeaseContainerIfNotExists: true,
  feedPollDelay: 100,
};
const second = output.cosmosDB({ ...database, containerName: 'second', createIfNotExists: true, partitionKey: '/pk' });

app.cosmosDB('firstContainer', {
  ...database,
  containerName: 'rows',
  leaseContainerPrefix: '1',
  startFromBeginning: true,
  return: second,
  handler: (documents, context) => {
    context.log(`the first container has changed: ${documents.map(({ id }) => id)}`);
    return documents;
  },
});
app.cosmosDB('secondContainer', {
  ...database,
  containerName: 'second',
  leaseContainerPrefix: '2',
  startFromBeginning: true,
  handler: (documents, context) => context.log(`the second container has changed: ${documents.map(({ id }) => id)}`),
});
const document = input.cosmosDB({ ...database, containerName: 'rows', id: '{Query.id}', partitionKey: 'part' });
app.http('fromCosmos', {
  methods: ['GET'],
  extraInputs: [document],
  handler: (_request, context) => {
    const found = context.extraInputs.get(document);
    return found === undefined ? { status: 404 } : { body: found.text };
  },
});
app.http('toCosmos', {
  methods: ['POST'],
  extraOutputs: [second],
  handler: async (request, context) => {
    context.extraOutputs.set(second, await request.json());
    return { body: 'done' };
  },
});
