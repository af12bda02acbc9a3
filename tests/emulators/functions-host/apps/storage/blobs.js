import { app, input, output } from '@azure/functions';
import { see } from './seen.js';

const connection = 'Storage';

app.storageBlob('scanned', {
  path: 'inbox/{name}.{extension}',
  connection,
  return: output.storageBlob({ path: 'outbox/{name}-copy.{extension}', connection }),
  handler: (blob, context) => {
    see('scanned', blob, context);
    return blob;
  },
});
app.storageBlob('copied', {
  path: 'outbox/{file}',
  connection,
  handler: (blob, context) => see('copied', blob, context),
});
app.storageBlob('broken', {
  path: 'broken/{name}',
  connection,
  handler: (blob, context) => {
    see('broken', blob, context);
    throw new Error('never');
  },
});
app.storageQueue('brokenPoison', {
  queueName: 'webjobs-blobtrigger-poison',
  connection,
  handler: (message, context) => see('brokenPoison', message, context),
});
app.storageBlob('announced', {
  path: 'announced/{name}.csv',
  connection,
  source: 'EventGrid',
  handler: (blob, context) => see('announced', blob, context),
});

const document = input.storageBlob({ path: 'documents/{kind}/{Query.name}', connection });
const reply = output.storageBlob({ path: 'documents/{kind}/{rand-guid}.json', connection });
app.http('document', {
  route: 'documents/{kind}',
  authLevel: 'anonymous',
  extraInputs: [document],
  extraOutputs: [reply],
  handler: (_request, context) => {
    const text = context.extraInputs.get(document)?.toString();
    if (text !== undefined) {
      context.extraOutputs.set(reply, { read: text });
    }
    return { jsonBody: { text: text ?? null } };
  },
});
