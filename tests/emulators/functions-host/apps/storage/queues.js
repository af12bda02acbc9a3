import { app, input, output } from '@azure/functions';
import { see } from './seen.js';

const copies = output.storageQueue({ queueName: '%COPIES%', connection: 'Storage' });

app.storageQueue('first', {
  queueName: 'first',
  connection: 'Storage',
  return: copies,
  handler: (message, context) => {
    see('first', message, context);
    return typeof message === 'string' ? `copy of ${message}` : message;
  },
});
app.storageQueue('copies', {
  queueName: 'copies',
  connection: 'Storage',
  handler: (m, context) => see('copies', m, context),
});
app.storageQueue('failing', {
  queueName: 'failing',
  connection: 'Storage',
  handler: (message, context) => {
    see('failing', message, context);
    throw new Error('never');
  },
});
app.storageQueue('poisoned', {
  queueName: 'failing-poison',
  connection: 'Storage',
  handler: (message, context) => see('poisoned', message, context),
});
app.http('send', {
  authLevel: 'anonymous',
  methods: ['POST'],
  extraOutputs: [copies],
  handler: async (request, context) => {
    context.extraOutputs.set(copies, (await request.json()).output);
    return { body: 'done' };
  },
});

const note = input.storageBlob({ path: 'notes/{person.name}.txt', connection: 'Storage' });
app.storageQueue('noted', {
  queueName: 'noted',
  connection: 'Storage',
  extraInputs: [note],
  return: output.storageBlob({ path: 'answers/{id}-{queueTrigger}.txt', connection: 'Storage' }),
  handler: (_message, context) => {
    see('noted', context.extraInputs.get(note)?.toString() ?? null, context);
    return 'unused';
  },
});
