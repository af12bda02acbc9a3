import { join } from 'node:path';
import { ROOT } from './stack/endpoints.ts';
import { startStack } from './stack/start-stack.ts';
import { untilInterrupted } from './stack/until-interrupted.ts';

// `npm start`: the stack over its earlier state, until Ctrl-C.
const began = performance.now();
const stack = await startStack({
  stateFolder: join(ROOT, '.landfall'),
  onReady: (name, seconds) => console.log(`${name.padEnd(16)} ${seconds.toFixed(2)} s`),
});
console.log(`\nThe stack is up after ${((performance.now() - began) / 1000).toFixed(1)} s.`);
console.log(`API   ${stack.api.url}   (x-functions-key: ${stack.api.key})`);
console.log(`Blobs ${stack.settings.STORAGE_BLOB_ENDPOINT}   logs .landfall/logs/   Ctrl-C stops it`);
await untilInterrupted();
await stack.stop();
