import { describe, expect, test } from '@jest/globals';
import type { FileSets } from '../../../src/shared/contracts/contract.ts';
import type { FileRecord } from '../../../src/shared/ledger/file-record.ts';
import { durationMilliseconds, judgeSet, manifestPaths, setOf } from '../../../src/shared/ledger/file-sets.ts';

const SETS: FileSets = { by: '^orders/([0-9-]+)/(?:([a-z]+)/)?', count: 2, deadline: 'PT2H' };

function entry(path: string, fields: Partial<FileRecord> = {}): FileRecord {
  return {
    ...{ id: `${path} ${fields.sequencer ?? ''}`, dataset: 'orders', path, etag: '0x1', size: 1, sequencer: '01' },
    ...{ landedAt: '2026-01-01T00:00:00Z', status: 'waiting', set: '2026-01' },
    ...fields,
  };
}

describe('a set of files', () => {
  test('has the name that the groups find in a path', () => {
    expect(setOf(SETS, 'orders/2026-01/a.csv')).toBe('2026-01');
    expect(setOf(SETS, 'orders/2026-01/north/a.csv')).toBe('2026-01/north');
    expect(setOf(SETS, 'orders/a.csv')).toBeUndefined();
  });

  test('is complete with as many files as are counted, versions of one path being one', () => {
    const one = [entry('orders/2026-01/a.csv'), entry('orders/2026-01/a.csv', { sequencer: '02' })];
    expect(judgeSet(SETS, one, undefined)).toMatchObject({ complete: false, missing: '1 of 2 files' });
    const both = [...one, entry('orders/2026-01/b.csv')];
    expect(judgeSet(SETS, both, undefined)).toMatchObject({ complete: true, missing: '' });
    expect(judgeSet(SETS, both, undefined).members).toHaveLength(3);
  });

  test('takes along what failed for want of the others, and nothing that was in a batch', () => {
    const entries = [
      entry('orders/2026-01/a.csv', { status: 'failed' }),
      entry('orders/2026-01/b.csv', { status: 'failed', batch: 'orders-00000001' }),
      entry('orders/2026-01/c.csv', { status: 'published', batch: 'orders-00000001' }),
    ];
    expect(judgeSet(SETS, entries, undefined).members.map(({ path }) => path)).toEqual(['orders/2026-01/a.csv']);
  });

  test('with a manifest is complete when all files that it names are there, and says which are not', () => {
    const sets: FileSets = { by: SETS.by, manifest: 'orders/*/manifest.json', deadline: 'PT2H' };
    const entries = [entry('orders/2026-01/a.csv'), entry('orders/2026-01/manifest.json', { manifest: true })];
    expect(judgeSet(sets, entries, undefined)).toMatchObject({ complete: false, missing: 'its manifest' });
    const named = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `orders/2026-01/${name}.csv`);
    expect(judgeSet(sets, entries, named)).toMatchObject({
      complete: false,
      missing: `${named.slice(1, 6).join(', ')} and 1 more`,
    });
    expect(judgeSet(sets, entries, named.slice(0, 1))).toMatchObject({ complete: true, members: [entries[0]] });
  });

  test('is over in the time that its contract gives', () => {
    expect(durationMilliseconds('PT2H')).toBe(7_200_000);
    expect(durationMilliseconds('P1DT1M1S')).toBe(86_461_000);
  });
});

describe('a manifest', () => {
  const isPath = (path: string): boolean => path.startsWith('orders/') && path.endsWith('.csv');
  const paths = (text: string): readonly string[] => manifestPaths('orders/2026-01/manifest', text, isPath);

  test('names files as lines, as an array or as objects, beside it or from the root', () => {
    const expected = ['orders/2026-01/a.csv', 'orders/2026-01/b.csv'];
    expect(paths('\uFEFFa.csv\r\n\r\n b.csv\r\na.csv\n')).toEqual(expected);
    expect(paths('["a.csv", "orders/2026-01/b.csv"]')).toEqual(expected);
    expect(paths('{"files": [{"path": "a.csv", "rows": 3}, {"path": "./b.csv"}]}')).toEqual(expected);
    expect(paths('../2026-01/a.csv')).toEqual(['orders/2026-01/a.csv']);
  });

  test.each(['{"file": []}', '[1]', '[{"path": ""}]', '["a.csv"'])('that cannot be read says so: %s', (text) => {
    expect(() => paths(text)).toThrow(SyntaxError);
  });
});
