import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from './stack/endpoints.ts';
import { startStack } from './stack/start-stack.ts';
import { exitWhenInterrupted, untilInterrupted } from './stack/until-interrupted.ts';

// `npm start`: the stack over its earlier state, until Ctrl-C. With `-- --without-host` it leaves the Functions host to
// Core Tools: run `func start` beside it.
const { values: options } = parseArgs({ options: { 'without-host': { type: 'boolean', default: false } } });
if (options['without-host'])
  console.log('Run `func start` in another terminal; the stack waits for it on port 7071.\n');
exitWhenInterrupted();
const STATE = join(ROOT, '.landfall');
const began = performance.now();
const stack = await startStack({
  stateFolder: STATE,
  accessLog: join(STATE, 'logs', 'access.log'),
  withoutHost: options['without-host'],
  onReady: (name, seconds) => console.log(`${name.padEnd(16)} ${seconds.toFixed(2)} s`),
});
console.log(`\nThe stack is up after ${((performance.now() - began) / 1000).toFixed(1)} s.`);
console.log(`App   ${new URL('/app/', stack.api.url)}   (sign in with one of the sample accounts)`);
console.log(`API   ${stack.api.url}   (x-functions-key: ${stack.api.key})`);
if (!options['without-host'])
  console.log(
    `Flows ${new URL('/admin/durable', stack.api.url)}   (asks for "master" of .landfall/functions-host/keys.json)`,
  );
console.log(`Sign in as reader, analyst, operator, admin or guest @landfall.example (${stack.settings.AUTH_ISSUER})`);
console.log(`Blobs ${stack.settings.STORAGE_BLOB_ENDPOINT}   logs .landfall/logs/   Ctrl-C stops it`);
await untilInterrupted();
await stack.stop();
