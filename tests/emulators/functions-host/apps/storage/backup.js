import { output } from '@azure/functions';
import * as df from 'durable-functions';

const copy = output.storageBlob({ path: 'backups/{instanceId}/{backupPath}', connection: 'Storage' });

// The output of an activity can be named after its input.
df.app.activity('backUp', {
  extraOutputs: [copy],
  handler: ({ text }, context) => {
    context.extraOutputs.set(copy, text);
    return text.length;
  },
});
df.app.orchestration('backUpAll', function* (context) {
  const copies = context.df.getInput().map((file) => context.df.callActivity('backUp', file));
  return yield context.df.Task.all(copies);
});
