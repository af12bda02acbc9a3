import { describe, expect, test } from '@jest/globals';
import type { FileLedger } from '../../../src/shared/ledger/file-ledger.ts';
import type { FileRecord } from '../../../src/shared/ledger/file-record.ts';
import { countQuarantined } from '../../../src/shared/quarantine/count-quarantined.ts';
import { findCorrected } from '../../../src/shared/quarantine/find-corrected.ts';
import { corrects, isCorrection, nameOfRefused } from '../../../src/shared/quarantine/name-of-refused.ts';

function entry(path: string, read: number, quarantined: number, more: Partial<FileRecord> = {}): FileRecord {
  return {
    ...{ id: path, dataset: 'flights', path, etag: '1', size: 1, sequencer: '1', landedAt: '', status: 'published' },
    rows: { read, loaded: read - quarantined, quarantined, duplicates: 0, superseded: 0 },
    reasons: [{ rule: read % 2 === 0 ? 'even' : 'odd', rows: quarantined }],
    ...more,
  };
}

/** A ledger of these entries, of which a page holds as many as asked for. */
function ledger(entries: readonly FileRecord[]): FileLedger {
  return {
    quarantined: async (_, limit, after = '0') => {
      const from = Number(after);
      const items = entries.slice(from, from + limit);
      return from + limit < entries.length ? { items, continuation: String(from + limit) } : { items };
    },
    some: async (_, ids) => entries.filter(({ id }) => ids.includes(id)),
  } as Pick<FileLedger, 'quarantined' | 'some'> as FileLedger;
}

describe('a file under the name of the refused rows of another one', () => {
  test('is its correction, in its folder, packed or not', () => {
    expect(nameOfRefused('flights/ä 1.csv.gz', false)).toBe('__1.quarantined.csv');
    expect(corrects('flights/__1.quarantined.csv', 'flights/ä 1.csv.gz', false)).toBe(true);
    expect(corrects('flights/a.quarantined.csv.gz', 'flights/a.csv', false)).toBe(true);
    expect(corrects('flights/2013/a.quarantined.csv', 'flights/a.csv', false)).toBe(false);
    expect(corrects('trips/a.quarantined.jsonl.gz', 'trips/a.parquet', true)).toBe(true);
    expect(corrects('trips/a.quarantined.parquet', 'trips/a.parquet', true)).toBe(true);
    expect(corrects('media/a.quarantined.jsonl', 'media/a.jpg', false)).toBe(false);
    expect(['a.quarantined.csv', 'a.quarantined', 'a.csv', 'quarantined.csv'].map(isCorrection)).toEqual([
      ...[true, true, false, false],
    ]);
  });

  test('corrects it when it has all of them, and not when some are missing', async () => {
    const files = ledger([entry('flights/a.csv', 9, 3), entry('flights/b.csv', 9, 3)]);
    const landed = [entry('flights/a.quarantined.csv', 3, 1), entry('flights/b.quarantined.csv', 2, 0)];
    expect(await findCorrected(files, 'flights', landed, false)).toEqual([
      { id: 'flights/a.csv', by: 'flights/a.quarantined.csv' },
    ]);
  });

  test('has corrected it still when that is read again, unless more of it is refused', async () => {
    const corrected = { correctedBy: { id: 'right', batch: 'b', at: '' } };
    const files = ledger([entry('a', 9, 3, corrected), entry('b', 9, 3, corrected)]);
    const again = (path: string, quarantined: number) =>
      entry(`${path} again`, 9, quarantined, { replay: { of: path, number: 1, requestedAt: '' } });
    expect(await findCorrected(files, 'flights', [again('a', 3), again('b', 4)], false)).toEqual([
      { id: 'a again', by: 'right' },
    ]);
  });
});

test('refused rows are counted over all files, of which those with most are listed', async () => {
  const files = ledger(Array.from({ length: 2500 }, (_, index) => entry(`f${index}`, 3000 + index, index + 1)));
  const counts = await countQuarantined(files, { dataset: 'flights' });
  expect(counts).toMatchObject({ rows: (2500 * 2501) / 2, fileCount: 2500, complete: false });
  expect(counts.rules.map(({ rule, files: count }) => [rule, count])).toEqual([
    ['odd', 1250],
    ['even', 1250],
  ]);
  expect(counts.files).toHaveLength(1000);
  expect(counts.files[0]).toMatchObject({ file: 'f2499', rows: 2500 });
});
