import { app } from '@azure/functions';
import { see } from './seen.js';

// A call that never ends, until the host is started without HANG.
const handler = (name) => async (value, context) => {
  see(name, value, context);
  if (process.env.HANG === 'true') {
    await new Promise(() => {});
  }
};
app.storageQueue('hangingQueue', { queueName: 'hanging', connection: 'Storage', handler: handler('hangingQueue') });
app.storageBlob('hangingBlob', { path: 'hanging/{name}', connection: 'Storage', handler: handler('hangingBlob') });
