import { describe, expect, test } from '@jest/globals';
import type { RunRecord } from '../../web/src/api/types.ts';
import { aboutOf, describeDrift, isResumable, nameOf, titleOf } from '../../web/src/views/operations/describe-run.ts';

const BATCH: RunRecord = {
  id: 'flights-00000007',
  dataset: 'flights',
  number: 7,
  status: 'failed',
  startedAt: '2026-01-01T00:00:00Z',
  files: 2,
  rows: { read: 3000, loaded: 2900, quarantined: 100, duplicates: 0, superseded: 0 },
  steps: {},
};

describe('a run is told of', () => {
  test('as a batch, by number, files and rows', () => {
    expect([titleOf(BATCH), aboutOf(BATCH), isResumable(BATCH)]).toEqual(['flights #7', '2 files · 2,900 rows', true]);
  });

  test('as one that can be resumed, until a later one has its files', () => {
    expect(isResumable({ ...BATCH, continuedIn: 'flights-00000008' })).toBe(false);
  });

  test('with how much there is to look at, warnings and columns that drift', () => {
    const found = { kind: 'new-column', source: 'age', action: 'evolved', files: 1, file: 'a.csv', examples: [] };
    const cleanse = { startedAt: BATCH.startedAt, warnings: [{ rule: 'maximum', column: 'month', rows: 2 }] };
    expect(aboutOf({ ...BATCH, steps: { cleanse } })).toBe('2 files · 2,900 rows · one warning');
    expect(aboutOf({ ...BATCH, steps: { cleanse }, drift: [found, { ...found, action: 'ignored' }] })).toBe(
      '2 files · 2,900 rows · 2 warnings',
    );
  });

  test('as a refresh, by what it was for', () => {
    expect(aboutOf({ ...BATCH, files: 0, refresh: 'planes-00000002 was published' })).toBe(
      'planes-00000002 was published',
    );
  });

  test('as a training, by how it came out; it is not resumed', () => {
    const training = {
      model: 'late-arrival',
      mode: 'challenge',
      verdict: 'promoted',
      reason: 'better by +0.07',
    } as const;
    const run: RunRecord = { ...BATCH, id: 'retrain-flights-2026-01-01', number: 0, files: 0, training };
    expect([titleOf(run), aboutOf(run), isResumable(run)]).toEqual(['flights, model challenged', 'promoted', false]);
  });

  test('as a backfill, by how far it is; it is not resumed', () => {
    const books = { read: 0, quarantined: 0 };
    const progress = { published: 3, failed: 1, rejected: 0, leftOut: 1, before: books, after: books };
    const run: RunRecord = { ...BATCH, number: 0, files: 1200, backfill: { progress } };
    expect([titleOf(run), aboutOf(run), isResumable(run)]).toEqual(['flights, backfill', '5 of 1,200 files', false]);
  });
});

test('what a job warns of, and how files drift, is told in a line', () => {
  expect([nameOf({ rule: 'maximum', column: 'month', rows: 2 }), nameOf({ rule: 'fresh' })]).toEqual([
    'maximum of month',
    'fresh',
  ]);
  const found = { kind: 'new-column', source: 'Shoe Size', action: 'evolved', column: 'shoe_size', type: 'double' };
  expect(describeDrift({ ...found, files: 1, file: 'a.csv', examples: [] })).toBe(
    'Shoe Size is new in a.csv (double): evolved as shoe_size',
  );
  const missing = { kind: 'missing-column', source: 'age', action: 'ignored', files: 12, file: 'a.csv', examples: [] };
  expect(describeDrift(missing)).toBe('age is missing in 12 files: ignored');
});
