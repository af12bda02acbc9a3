import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import { landFile } from '../../scripts/demo/land-files.ts';
import type { ServerName } from '../../scripts/stack/start-stack.ts';
import { type Digest, digest } from './support/digest.ts';
import { FLIGHTS, startTestStack, type TestStack } from './support/test-stack.ts';

/** Which server dies while which step is at work. What is at work is told by the step that was recorded last. */
const DEATHS: readonly { readonly server: ServerName; readonly after: string | null }[] = [
  { server: 'event-grid', after: null },
  { server: 'azurite', after: 'inspect' },
  { server: 'databricks', after: 'inspect' },
  { server: 'synapse', after: 'score' },
  { server: 'cosmos', after: 'score' },
  { server: 'cosmos', after: 'insights' },
];

interface Outcome {
  readonly digest: Digest;
  readonly databricksRuns: number;
  readonly batches: number;
}

/** Lands a part of January for each death, one after the other; `disturb` may do harm while one is under way. */
async function landParts(
  stack: TestStack,
  disturb: (death: (typeof DEATHS)[number]) => Promise<void>,
): Promise<Outcome> {
  await stack.landReference();
  const [header = '', ...lines] = readFileSync(join(FLIGHTS, '2013-01.csv'), 'utf8').trimEnd().split('\n');
  const size = Math.ceil(lines.length / (DEATHS.length + 1));
  for (let part = 0; part <= DEATHS.length; part++) {
    const name = `2013-01-part-${part}.csv`;
    const local = join(stack.stateFolder, name);
    writeFileSync(local, `${[header, ...lines.slice(part * size, (part + 1) * size)].join('\n')}\n`);
    const path = `flights/${name}`;
    const etag = await landFile(stack.blobs, local, path);
    const death = DEATHS[part - 1]; // the first part trains the model, undisturbed
    if (death !== undefined) await disturb(death);
    const [file] = await stack.follow(new Map([[path, etag]]));
    if (file?.status !== 'published') throw new Error(`${path} ended as ${file?.status}: ${file?.reason}`);
  }
  return {
    digest: await digest(stack),
    databricksRuns: (await stack.databricksRuns()).length,
    batches: (await stack.runs('flights')).length,
  };
}

describe('a batch one of whose systems dies while it is at work', () => {
  const stacks: TestStack[] = [];
  const land = async (disturb: (stack: TestStack, death: (typeof DEATHS)[number]) => Promise<void>) => {
    const stack = await startTestStack();
    stacks.push(stack);
    const outcome = await landParts(stack, (death) => disturb(stack, death));
    await stack.dispose();
    return outcome;
  };
  afterAll(async () => {
    await Promise.all(stacks.map((stack) => stack.dispose()));
  });

  test('ends as if nothing had happened once the system is back', async () => {
    const calm = await land(async () => undefined);
    const killed: string[] = [];
    const shaken = await land(async (stack, { server, after }) => {
      const known = (await stack.runs('flights')).length;
      if (after !== null) await untilRecorded(stack, known, after);
      await stack.kill(server);
      killed.push(server);
      await sleep(300); // it is away for a moment, so that what needs it notices
      await stack.start(server);
    });
    expect(killed).toEqual(DEATHS.map(({ server }) => server));
    expect(shaken).toEqual(calm);
  });
});

/** Waits until the newest run, or the one after the known ones, has recorded a step's end. */
async function untilRecorded(stack: TestStack, known: number, step: string): Promise<void> {
  for (let tries = 0; tries < 3000; tries++) {
    const [run, ...others] = await stack.runs('flights');
    if (others.length >= known - 1 && run !== undefined && run.status === 'running' && run.steps[step]?.endedAt) return;
    await sleep(20);
  }
  throw new Error(`no batch came to '${step}'`);
}
