import { describe, expect, test } from '@jest/globals';
import type { BackfillPart, BackfillWait } from '../../src/activities/activities.ts';
import { runBackfill } from '../../src/orchestrators/run-backfill.ts';
import { type BackfillStory, NO_PROGRESS } from '../../src/shared/backfill/backfill.ts';
import { ORCHESTRATORS } from '../../src/shared/names.ts';
import { createInlineDurable } from '../support/inline-durable.ts';

const LIMIT = 10;
const STORY: BackfillStory = {
  backfill: {
    ...{ id: 'backfill-flights-0123456789abcdef', dataset: 'flights', contractVersion: 'new' },
    ...{ files: { path: 'files.json', count: 25 }, hasCanary: true, maxQuarantinedGrowth: 0.01 },
  },
  request: {
    selection: { dataset: 'flights', landedBefore: '2026-01-31T00:00:00Z' },
    ...{ canary: true, maxQuarantinedGrowth: 0.01 },
  },
  startedAt: '2026-01-31T00:00:00Z',
};

/** Runs a backfill whose parts are ended at the second look; gives what it began, and how it ended. */
async function run(overrides: Record<string, (input: never) => unknown> = {}, story = STORY) {
  const looked = new Set<string>();
  const begin = ({ from, alone, progress, backfill }: BackfillPart) => {
    const next = alone ? from + 1 : from + LIMIT;
    const count = Math.min(next, backfill.files.count) - from;
    return { entries: { path: `from-${from}`, count }, next, progress };
  };
  const durable = createInlineDurable(
    { [ORCHESTRATORS.runBackfill]: runBackfill },
    {
      'open-backfill': () => null,
      'begin-backfill-part': begin,
      'await-backfill-part': ({ entries, progress }: BackfillWait) => {
        const seen = looked.has(entries.path);
        looked.add(entries.path);
        return seen
          ? { open: 0, progress: { ...progress, published: progress.published + entries.count } }
          : { open: entries.count, progress };
      },
      'judge-canary': () => ({ path: 'a', passed: true, reason: '', rules: [] }),
      'end-backfill': () => null,
      ...overrides,
    },
  );
  await durable.run(ORCHESTRATORS.runBackfill, story);
  const parts = (durable.trace.inputs.get('begin-backfill-part') ?? []) as BackfillPart[];
  const [ending] = durable.trace.inputs.get('end-backfill') ?? [];
  return { parts, ending, calls: durable.trace.calls };
}

describe('a backfill', () => {
  test('begins with the canary alone, then goes on batch by batch, each when the one before has ended', async () => {
    const { parts, ending, calls } = await run();
    expect(parts.map(({ from, alone, progress }) => [from, alone, progress.published])).toEqual([
      [0, true, 0],
      [1, false, 1],
      [11, false, 11],
      [21, false, 21],
    ]);
    expect(calls.filter((call) => call === 'activity judge-canary')).toHaveLength(1);
    expect(ending).toMatchObject({ status: 'succeeded' });
  });

  test('goes no further when the canary does not pass', async () => {
    const { parts, ending } = await run({
      'judge-canary': () => ({ path: 'a', passed: false, reason: 'Half of it is refused.', rules: [] }),
    });
    expect(parts).toHaveLength(1);
    expect(ending).toMatchObject({ status: 'failed', error: expect.stringContaining('Half of it is refused.') });
  });

  test('goes no further when files fail', async () => {
    const { parts, ending } = await run({
      'await-backfill-part': () => ({ open: 0, progress: NO_PROGRESS, failure: 'b: too many rejects' }),
    });
    expect(parts).toHaveLength(1);
    expect(ending).toMatchObject({ status: 'failed', error: 'b: too many rejects' });
  });

  test('ends between two batches when it is cancelled', async () => {
    const { parts, ending, calls } = await run({
      'begin-backfill-part': ({ from, alone, progress }: BackfillPart) =>
        from === 0
          ? { entries: { path: 'canary', count: 1 }, next: alone ? 1 : LIMIT, progress }
          : { stop: 'canceled', reason: 'It was cancelled on request.' },
    });
    expect(parts).toHaveLength(2);
    expect(ending).toMatchObject({ status: 'canceled', error: 'It was cancelled on request.' });
    expect(calls.at(-1)).toBe('activity end-backfill');
  });

  test('needs no canary where none is wanted', async () => {
    const { parts, calls } = await run({}, { ...STORY, backfill: { ...STORY.backfill, hasCanary: false } });
    expect(parts.map(({ from, alone }) => [from, alone])).toEqual([
      [0, false],
      [10, false],
      [20, false],
    ]);
    expect(calls).not.toContain('activity judge-canary');
  });
});
