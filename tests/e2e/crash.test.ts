import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { landFile } from '../../scripts/demo/land-files.ts';
import type { ServerName } from '../../scripts/stack/server-specs.ts';
import { type Digest, digest } from './support/digest.ts';
import { startTestStack, type TestStack } from './support/test-stack.ts';

const MONTHS = Array.from({ length: 12 }, (_, index) => `2013-${String(index + 1).padStart(2, '0')}.csv`);
/** The host dies in the first ten months, each time later in the batch; the Databricks emulator in the last two. */
const HOST_KILLS = 10;

/** After the year months land again without their last line, and another system dies behind the step named. */
const DEATHS: readonly { readonly server: ServerName; readonly behind: string | null }[] = [
  { server: 'event-grid', behind: null },
  { server: 'azurite', behind: 'inspect' },
  { server: 'synapse', behind: 'score' },
  { server: 'cosmos', behind: 'insights' },
];
/** Of each month: what crashes meet are steps, of which small files have as many as large ones. */
const ROWS = 3000;
/** How long a system is away: that what needs it notices. */
const AWAY_MILLISECONDS = 300;

interface Outcome {
  readonly digest: Digest;
  readonly databricksRuns: number;
  readonly batches: number;
}

/** What may do harm while a file is under way. */
interface Harm {
  month(index: number): Promise<void>;
  correction(index: number): Promise<void>;
}

/** The first rows of a month, in a file. */
function beginning(stack: TestStack, month: string, rows: number): Promise<string> {
  return stack.correctedMonth(month, (lines) => lines.slice(0, rows));
}

/** Lands the year month by month, then the corrections. */
async function landYear(stack: TestStack, harm: Harm): Promise<Outcome & { readonly seconds: readonly number[] }> {
  const land = async (month: string, local: string, during: () => Promise<void>): Promise<number> => {
    const path = `flights/${month}`;
    const etag = await landFile(stack.blobs, local, path);
    const began = performance.now();
    await during();
    const [file] = await stack.follow(new Map([[path, etag]]));
    if (file?.status !== 'published') throw new Error(`${path} ended as ${file?.status}: ${file?.reason}`);
    return (performance.now() - began) / 1000;
  };
  const seconds: number[] = [];
  await stack.landReference();
  for (const [index, month] of MONTHS.entries())
    seconds.push(await land(month, await beginning(stack, month, ROWS), () => harm.month(index)));
  for (const [index] of DEATHS.entries()) {
    const month = MONTHS[index] ?? '';
    const corrected = await beginning(stack, month, ROWS - 1);
    await land(month, corrected, () => harm.correction(index));
  }
  const runs = await stack.databricksRuns();
  return {
    digest: await digest(stack),
    databricksRuns: runs.length,
    batches: (await stack.runs('flights')).length,
    seconds,
  };
}

/** Ends a server as a crash would, and starts it again a moment later. */
async function crash(stack: TestStack, server: ServerName, awayMilliseconds = 0): Promise<void> {
  await stack.kill(server);
  await sleep(awayMilliseconds);
  await stack.start(server);
}

/** Waits until the running batch has done a step. */
async function untilDone(stack: TestStack, step: string): Promise<void> {
  for (let tries = 0; tries < 3000; tries++) {
    const [run] = await stack.runs('flights');
    if (run?.status === 'running' && run.steps[step]?.endedAt !== undefined) return;
    await sleep(20);
  }
  throw new Error(`no batch came to '${step}'`);
}

describe('a year landed month by month, and some months again', () => {
  const stacks: TestStack[] = [];
  let calm: Outcome & { readonly seconds: readonly number[] };

  beforeAll(async () => {
    const stack = await startTestStack();
    stacks.push(stack);
    const nothing = async (): Promise<void> => undefined;
    calm = await landYear(stack, { month: nothing, correction: nothing });
    await stack.dispose();
  });
  afterAll(async () => {
    await Promise.all(stacks.map((stack) => stack.dispose()));
  });

  test('ends the same when the host is killed at ten points of its batches, and each other system while it is needed', async () => {
    const stack = await startTestStack();
    stacks.push(stack);
    const shaken = await landYear(stack, {
      async month(index) {
        const duration = calm.seconds[index] ?? 3;
        const host = index < HOST_KILLS;
        const share = host ? (index + 0.5) / HOST_KILLS : index === HOST_KILLS ? 0.15 : 0.4;
        await sleep(duration * share * 1000);
        await crash(stack, host ? 'functions-host' : 'databricks');
      },
      async correction(index) {
        const { server, behind } = DEATHS[index] ?? { server: 'cosmos', behind: null };
        if (behind !== null) await untilDone(stack, behind);
        await crash(stack, server, AWAY_MILLISECONDS);
      },
    });
    expect(shaken.digest).toEqual(calm.digest);
    expect(shaken.databricksRuns).toBe(calm.databricksRuns);
    expect(shaken.batches).toBe(calm.batches);
  });
});
