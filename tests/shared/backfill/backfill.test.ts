import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { ChosenFile } from '../../../src/shared/backfill/backfill.ts';
import { judgeCanary } from '../../../src/shared/backfill/judge-canary.ts';
import { parseBackfillRequest, parseStart } from '../../../src/shared/backfill/parse-backfill-request.ts';
import { countBatches, estimate } from '../../../src/shared/backfill/preview-backfill.ts';
import { decodeToken, encodeToken } from '../../../src/shared/backfill/token.ts';
import { loadDatasets } from '../../../src/shared/contracts/load-datasets.ts';
import type { FileRecord } from '../../../src/shared/ledger/file-record.ts';
import type { RunRecord } from '../../../src/shared/runs/run-record.ts';

const DATASETS = loadDatasets(join(import.meta.dirname, '..', '..', '..', 'datasets'));
const NOW = new Date('2026-01-31T12:00:00Z');
const parse = (body: unknown) => parseBackfillRequest(body, DATASETS, NOW);

describe('the wish for a backfill', () => {
  test('means all files that have landed until now, a canary first, unless it says otherwise', () => {
    expect(parse({ dataset: 'flights' })).toEqual({
      selection: { dataset: 'flights', landedBefore: NOW.toISOString() },
      ...{ canary: true, maxQuarantinedGrowth: 0.01 },
    });
    const range = { path: 'flights/2013-0*', landedFrom: '2026-01-01T00:00:00+01:00', firstBatch: 2, lastBatch: 9 };
    expect(parse({ dataset: 'flights', ...range, canary: false, maxQuarantinedGrowth: 0 })).toEqual({
      selection: {
        ...{ dataset: 'flights', ...range },
        ...{ landedFrom: '2025-12-31T23:00:00.000Z', landedBefore: NOW.toISOString() },
      },
      ...{ canary: false, maxQuarantinedGrowth: 0 },
    });
  });

  test.each([
    [{ dataset: 'nothing' }, 404, 'no dataset'],
    [{ dataset: 'flights', files: [] }, 400, 'Unknown field files'],
    [{ dataset: 'flights', landedFrom: 'yesterday' }, 400, 'landedFrom must be a time'],
    [{ dataset: 'flights', firstBatch: 0 }, 400, 'firstBatch must be the number'],
    [{ dataset: 'flights', canary: 1 }, 400, 'canary must be'],
    [{ dataset: 'flights', maxQuarantinedGrowth: 2 }, 400, 'from 0 to 1'],
    ['flights', 400, 'JSON object'],
  ])('is refused where it cannot be meant: %j', (body, status, detail) => {
    expect(() => parse(body)).toThrow(expect.objectContaining({ status, message: expect.stringContaining(detail) }));
  });

  test('comes back from the token of its preview, and from nothing else', () => {
    const request = parse({ dataset: 'flights', path: 'flights/*', canary: 'flights/2013-01.csv' });
    const token = { request, hash: 'a'.repeat(64) };
    expect(decodeToken(encodeToken(token), DATASETS)).toEqual(token);
    for (const text of ['', 'abc', Buffer.from('{"hash":"x"}').toString('base64url')])
      expect(() => decodeToken(text, DATASETS)).toThrow(expect.objectContaining({ status: 400 }));
    expect(() => parseStart({})).toThrow(expect.objectContaining({ status: 400 }));
  });
});

describe('what a backfill will take', () => {
  const file = (size: number): ChosenFile => ({
    ...{ path: 'a', entry: 'a', size, landedAt: '', contractVersion: 'old' },
    ...{ read: 1, quarantined: 0 },
  });

  test('is a batch for as many files and bytes as one takes', () => {
    const limits = { files: 3, bytes: 100 };
    expect(countBatches([], limits)).toBe(0);
    expect(
      countBatches(
        Array.from({ length: 7 }, () => file(1)),
        limits,
      ),
    ).toBe(3);
    expect(countBatches([file(500), file(60), file(60)], limits)).toBe(3);
  });

  const past = (rows: number, seconds: number, more: Partial<RunRecord> = {}): RunRecord => ({
    ...{ id: 'x', dataset: 'flights', number: 1, status: 'succeeded', files: 1, steps: {} },
    ...{
      startedAt: '2026-01-01T00:00:00.000Z',
      endedAt: new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString(),
    },
    rows: { read: rows, loaded: rows, quarantined: 0, duplicates: 0, superseded: 0 },
    ...more,
  });

  test('is told by a line through past batches of files', () => {
    const runs = [past(1000, 4), past(3000, 6), past(0, 100, { refresh: 'why not' }), past(0, 9, { kind: 'training' })];
    expect(estimate(runs, 2, 10_000)).toEqual({ seconds: 2 * 3 + 10, from: 2 });
  });

  test('is what a batch took, where all had as many rows, and unknown where there was none', () => {
    expect(estimate([past(10, 4), past(10, 6)], 3, 500)).toEqual({ seconds: 15, from: 2 });
    expect(estimate([], 3, 500)).toEqual({ seconds: null, from: 0 });
  });
});

describe('a canary', () => {
  const entry = (read: number, quarantined: number, more: Partial<FileRecord> = {}): FileRecord => ({
    ...{
      id: 'a',
      dataset: 'flights',
      path: 'f',
      etag: '1',
      size: 1,
      sequencer: '1',
      landedAt: '',
      status: 'published',
    },
    rows: { read, loaded: read - quarantined, quarantined, duplicates: 0, superseded: 0 },
    reasons: quarantined === 0 ? [] : [{ rule: 'type', rows: quarantined, example: "a row: 'N14228'" }],
    ...more,
  });

  test('passes when no more of its rows are refused than the limit allows, and tells them by rule', () => {
    const outcome = judgeCanary(entry(100, 1), entry(100, 2), 'f', 0.01);
    expect(outcome).toMatchObject({ passed: true, path: 'f', rules: [{ rule: 'type', before: 1, after: 2 }] });
    expect(outcome.reason).toBe('1 % of its rows were refused before, 2 % are now.');
    expect(JSON.stringify(outcome)).not.toContain('N14228');
  });

  test('fails when more are, when it was not published, and when nothing came of it', () => {
    expect(judgeCanary(entry(100, 1), entry(100, 3), 'f', 0.01)).toMatchObject({ passed: false });
    const refused = entry(0, 0, { status: 'rejected', reason: 'The file is empty (0 bytes).' });
    expect(judgeCanary(entry(1, 0), refused, 'f', 1).reason).toContain('rejected: The file is empty');
    expect(judgeCanary(entry(1, 0), undefined, 'f', 1)).toMatchObject({ passed: false });
  });
});
