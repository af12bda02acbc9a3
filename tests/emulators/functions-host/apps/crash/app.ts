import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { counting, orchestrators } from '../../crash/scenario.ts';

// The world outside of the host, which outlives it: what ever ran, and whether somebody has mended what was broken.
const world = process.env.WORLD_FOLDER ?? '';
const runs = join(world, 'runs.txt');

/** Notes that an activity runs, and gives whether it is the first time. */
function note(input: unknown, { triggerMetadata }: InvocationContext): boolean {
  const run = `${triggerMetadata?.instanceId} ${input}\n`;
  const isFirst = !existsSync(runs) || !readFileSync(runs, 'utf8').includes(run);
  appendFileSync(runs, run);
  return isFirst;
}

for (const [name, orchestrator] of Object.entries(orchestrators)) {
  df.app.orchestration(name, orchestrator);
}
df.app.entity('counter', counting);
df.app.activity('work', {
  handler: (input: unknown, context: InvocationContext) => {
    note(input, context);
    return input;
  },
});
df.app.activity('flaky', {
  handler: (input: unknown, context: InvocationContext) => {
    if (note(input, context)) {
      throw new Error('the first time fails');
    }
    return input;
  },
});
df.app.activity('needsMending', {
  handler: (input: unknown, context: InvocationContext) => {
    note(input, context);
    if (!existsSync(join(world, 'mended'))) {
      throw new Error('it is broken');
    }
    return input;
  },
});
