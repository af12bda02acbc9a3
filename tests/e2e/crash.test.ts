import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { landFile } from '../../scripts/demo/land-files.ts';
import type { ServerName } from '../../scripts/stack/start-stack.ts';
import { type Digest, digest } from './support/digest.ts';
import { FLIGHTS, startTestStack, type TestStack } from './support/test-stack.ts';

const MONTHS = Array.from({ length: 12 }, (_, index) => `2013-${String(index + 1).padStart(2, '0')}.csv`);
/** The host dies in the first ten months, each time later in the batch; the Databricks emulator in the last two. */
const HOST_KILLS = 10;

interface Outcome {
  readonly digest: Digest;
  readonly databricksRuns: number;
  readonly batches: number;
}

/** Lands the year month by month; `disturb` may do harm while a month is under way. */
async function landYear(
  stack: TestStack,
  disturb: (month: number) => Promise<void>,
): Promise<Outcome & { readonly seconds: readonly number[] }> {
  const seconds: number[] = [];
  await stack.landReference();
  for (const [index, month] of MONTHS.entries()) {
    const path = `flights/${month}`;
    const etag = await landFile(stack.blobs, join(FLIGHTS, month), path);
    const began = performance.now();
    await disturb(index);
    const [file] = await stack.follow(new Map([[path, etag]]));
    if (file?.status !== 'published') throw new Error(`${path} ended as ${file?.status}: ${file?.reason}`);
    seconds.push((performance.now() - began) / 1000);
  }
  const runs = await stack.databricksRuns();
  return {
    digest: await digest(stack),
    databricksRuns: runs.length,
    batches: (await stack.runs('flights')).length,
    seconds,
  };
}

async function crash(stack: TestStack, server: ServerName, afterSeconds: number): Promise<void> {
  await sleep(afterSeconds * 1000);
  await stack.kill(server);
  await stack.start(server);
}

describe('a year landed month by month', () => {
  const stacks: TestStack[] = [];
  let calm: Outcome & { readonly seconds: readonly number[] };

  beforeAll(async () => {
    const stack = await startTestStack();
    stacks.push(stack);
    calm = await landYear(stack, async () => undefined);
    await stack.dispose();
  });
  afterAll(async () => {
    await Promise.all(stacks.map((stack) => stack.dispose()));
  });

  test('ends the same when the host is killed at ten points of its batches and Databricks in mid-run', async () => {
    const stack = await startTestStack();
    stacks.push(stack);
    const shaken = await landYear(stack, async (month) => {
      const duration = calm.seconds[month] ?? 3;
      if (month < HOST_KILLS) await crash(stack, 'functions-host', (duration * (month + 0.5)) / HOST_KILLS);
      else await crash(stack, 'databricks', duration * (month === HOST_KILLS ? 0.15 : 0.4));
    });
    expect(shaken.digest).toEqual(calm.digest);
    expect(shaken.databricksRuns).toBe(calm.databricksRuns);
    expect(shaken.batches).toBe(calm.batches);
  });
});
