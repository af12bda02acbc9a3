import { app, input, output } from '@azure/functions';

const connection = 'AzureWebJobsStorage';
const last = output.storageQueue({ queueName: 'last', connection });

app.storageQueue('lastQueue', {
  queueName: 'last',
  connection,
  handler: (message, context) => context.log(`the last queue got "${message}"`),
});
app.storageQueue('firstQueue', {
  queueName: 'first',
  connection,
  return: last,
  handler: (message, context) => {
    context.log(`the first queue got "${message}"`);
    return message;
  },
});
app.http('toQueue', {
  methods: ['POST'],
  extraOutputs: [last],
  handler: async (request, context) => {
    const { output: messages } = await request.json();
    if (messages === undefined) {
      return { status: 400 };
    }
    context.extraOutputs.set(last, messages);
    return { body: 'done' };
  },
});

app.storageBlob('firstBlob', {
  path: 'blobs/first',
  connection,
  return: output.storageBlob({ path: 'blobs/second', connection }),
  handler: (blob, context) => {
    context.log(`the first blob is ${context.triggerMetadata.blobTrigger} with "${blob}"`);
    return blob;
  },
});
app.storageBlob('secondBlob', {
  path: 'blobs/second',
  connection,
  handler: (blob, context) => context.log(`the second blob is ${context.triggerMetadata.blobTrigger} with "${blob}"`),
});
// One object for the outputs of two functions, once as the return value and once as an extra output.
app.storageBlob('sharedReturn', {
  path: 'blobs/shared',
  connection,
  return: last,
  handler: (blob) => `${blob} returned`,
});
app.storageBlob('sharedExtra', {
  path: 'blobs/shared',
  connection,
  extraOutputs: [last],
  handler: (blob, context) => context.extraOutputs.set(last, `${blob} set`),
});

const rows = output.table({ tableName: 'rows', connection });
app.http('toTable', {
  methods: ['POST'],
  extraOutputs: [rows],
  handler: async (request, context) => {
    context.extraOutputs.set(rows, await request.json());
    return { status: 201 };
  },
});
const found = input.table({ tableName: 'rows', partitionKey: 'part', filter: "RowKey eq '{rowKey}'", connection });
const one = input.table({ tableName: 'rows', partitionKey: 'part', rowKey: '{rowKey}', connection });
app.http('fromTable', {
  route: 'fromTable/{rowKey}',
  extraInputs: [found, one],
  handler: (_request, context) => {
    const entities = context.extraInputs.get(found);
    return entities.length === 0 ? { status: 404 } : { jsonBody: { entities, one: context.extraInputs.get(one) } };
  },
});
