import { describe, expect, test } from '@jest/globals';
import type { BlobFacts } from '../../../src/shared/lake/lake.ts';
import { type FileRecord, fileId } from '../../../src/shared/ledger/file-record.ts';
import { planReplay } from '../../../src/shared/quarantine/plan-replay.ts';

const PATH = 'flights/a.csv';
const NOW = '2026-02-01T00:00:00Z';

function entry(etag: string, sequencer: string, fields: Partial<FileRecord> = {}): FileRecord {
  return {
    ...{ id: fileId(PATH, etag), dataset: 'flights', path: PATH, etag, size: 10, sequencer },
    landedAt: `2026-01-01T00:00:0${sequencer}Z`,
    ...{ status: 'published', contractVersion: 'old' },
    ...fields,
  };
}

function blob(etag: string): BlobFacts {
  return { path: PATH, etag, size: 10, lastModified: NOW };
}

const V1 = entry('e1', '1');

describe('the plan of a replay', () => {
  test('is an entry of the same version, in the place of the one that counts and as of when that landed', () => {
    expect(planReplay([V1], blob('e1'), 'new', NOW)).toEqual({
      kind: 'replay',
      entry: {
        ...{ id: fileId(PATH, 'e1', 1), dataset: 'flights', path: PATH, etag: 'e1', size: 10, sequencer: '1' },
        ...{ landedAt: V1.landedAt, status: 'arrived', replay: { of: V1.id, number: 1, requestedAt: NOW } },
      },
    });
  });

  test('is the one that is under way, and nothing where a newer version is', () => {
    const replay = entry('e1', '1', {
      id: 'r1',
      status: 'arrived',
      replay: { of: V1.id, number: 1, requestedAt: NOW },
    });
    expect(planReplay([replay, V1], blob('e1'), 'new', NOW)).toEqual({ kind: 'under way', entry: replay });
    const v2 = entry('e2', '2', { status: 'processing' });
    expect(planReplay([v2, V1], blob('e2'), 'new', NOW)).toMatchObject({
      reason: expect.stringContaining('on its way'),
    });
  });

  test('is of the newest version, and takes the place of the last that was read', () => {
    const v2 = entry('e2', '2');
    const old = { ...V1, replacedBy: { id: v2.id, batch: 'b', at: NOW } };
    expect(planReplay([v2, old], blob('e2'), 'new', NOW)).toMatchObject({
      entry: { etag: 'e2', landedAt: v2.landedAt, replay: { of: v2.id } },
    });
  });

  test('reads a version of the same content that came later, as of when the content came', () => {
    const same = entry('e2', '2', { status: 'unchanged' });
    expect(planReplay([V1, same], blob('e2'), 'new', NOW)).toMatchObject({
      entry: { etag: 'e2', sequencer: '2', landedAt: V1.landedAt, replay: { of: V1.id, number: 1 } },
    });
  });

  test('is numbered on, whatever became of the replay before', () => {
    const failed = entry('e1', '1', { id: 'r1', status: 'failed', replay: { of: V1.id, number: 1, requestedAt: NOW } });
    expect(planReplay([failed, V1], blob('e1'), 'new', NOW)).toMatchObject({
      entry: { id: fileId(PATH, 'e1', 2), replay: { of: 'r1', number: 2 } },
    });
  });

  test.each([
    ['the file is gone', [V1], undefined, 'no longer in landing'],
    ['the file is another by now', [V1], blob('e9'), 'was overwritten'],
    ['nothing is known of the file', [], blob('e1'), 'knows no version'],
    ['no version was ever read', [entry('e1', '1', { status: 'superseded' })], blob('e1'), 'knows no version'],
    ['the contract is the same', [entry('e1', '1', { contractVersion: 'new' })], blob('e1'), 'nothing would change'],
    [
      'it was rejected by the same contract',
      [entry('e1', '1', { contractVersion: 'new', status: 'rejected' })],
      blob('e1'),
      'nothing would change',
    ],
  ])('is a reason why not where %s', (_, versions, facts, reason) => {
    expect(planReplay(versions, facts, 'new', NOW)).toEqual({
      kind: 'left out',
      reason: expect.stringContaining(reason),
    });
  });

  test('is made under the same contract where the batch failed, and not where other files won over some of the rows', () => {
    const failed = entry('e1', '1', { contractVersion: 'new', status: 'failed' });
    expect(planReplay([failed], blob('e1'), 'new', NOW)).toMatchObject({ kind: 'replay' });
    const rows = { read: 2, loaded: 1, quarantined: 0, duplicates: 0, superseded: 1 };
    const beaten = entry('e1', '1', { contractVersion: 'new', rows });
    expect(planReplay([beaten], blob('e1'), 'new', NOW)).toMatchObject({ kind: 'left out' });
  });
});
