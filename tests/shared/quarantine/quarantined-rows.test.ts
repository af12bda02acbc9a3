import { describe, expect, test } from '@jest/globals';
import type { Lake } from '../../../src/shared/lake/lake.ts';
import type { FileLedger } from '../../../src/shared/ledger/file-ledger.ts';
import type { FileRecord } from '../../../src/shared/ledger/file-record.ts';
import type { QuarantinedRow } from '../../../src/shared/quarantine/quarantined-row.ts';
import { readQuarantinedRows } from '../../../src/shared/quarantine/quarantined-rows.ts';

const RAW = 'ü'.repeat(40);

function line(file: string, number: number, raw = RAW): string {
  const place = { dataset: 'flights', batch: 'b', file, etag: 'e', line: number };
  const why = { rule: number % 2 === 0 ? 'even' : 'odd', rules: ['x'], message: 'no', contract_version: 'v' };
  return `${JSON.stringify({ ...place, ...why, raw })}\n`;
}

/** Ports over texts in memory; counts the bytes that were read. */
function made(texts: Readonly<Record<string, string>>) {
  let read = 0;
  let names = Object.keys(texts);
  const records = (): FileRecord[] =>
    names.map((path) => ({ id: path, path, dataset: 'flights', batch: 'b' }) as FileRecord);
  const files = {
    quarantined: async (_, limit, continuation = '0') => {
      const from = Number(continuation);
      const items = records().slice(from, from + limit);
      return from + limit < names.length ? { items, continuation: String(from + limit) } : { items };
    },
  } as Pick<FileLedger, 'quarantined'> as FileLedger;
  const lake = {
    range: async (_, path, offset, bytes) => {
      const name = path.slice('flights/b/'.length, -'.jsonl'.length);
      const part = Buffer.from(texts[name] ?? '').subarray(offset, offset + bytes);
      read += part.length;
      return part.length === 0 ? undefined : part;
    },
  } as Pick<Lake, 'range'> as Lake;
  return {
    page: (limit: number, continuation?: string, rule?: string) =>
      readQuarantinedRows({ files, lake }, { dataset: 'flights', ...(rule ? { rule } : {}) }, limit, continuation),
    async all(limit: number, rule?: string) {
      const rows: QuarantinedRow[] = [];
      let continuation: string | undefined;
      do {
        const page = await this.page(limit, continuation, rule);
        expect(page.items.length).toBeLessThanOrEqual(limit);
        rows.push(...page.items);
        continuation = page.continuation;
      } while (continuation !== undefined);
      return rows.map(({ file, line: number }) => `${file} ${number}`);
    },
    bytes: () => read,
    replace: (path: string) => {
      names = names.filter((name) => name !== path);
    },
  };
}

function fileOf(name: string, rows: number): string {
  return Array.from({ length: rows }, (_, index) => line(name, index + 1)).join('');
}

function expected(counts: Readonly<Record<string, number>>): string[] {
  return Object.entries(counts).flatMap(([name, rows]) =>
    Array.from({ length: rows }, (_, index) => `${name} ${index + 1}`),
  );
}

describe('pages of quarantined rows', () => {
  test.each([1, 3, 7, 1000])(
    'of %i give each row once, in order, over more files than a page of the ledger',
    async (limit) => {
      const counts = Object.fromEntries(Array.from({ length: 45 }, (_, index) => [`f${index}`, 1 + (index % 4)]));
      const texts = Object.entries(counts).map(([name, rows]) => [name, fileOf(name, rows)] as const);
      const rows = await made(Object.fromEntries(texts)).all(limit);
      expect(rows).toEqual(expected(counts));
    },
  );

  test('go on within a file larger than what is read at once, and find the rows of a rule', async () => {
    const large = made({ a: fileOf('a', 20_000), b: fileOf('b', 3) });
    expect(await large.all(700)).toEqual(expected({ a: 20_000, b: 3 }));
    expect(await large.all(1000, 'even')).toHaveLength(10_001);
  });

  test('read a few megabytes at most, even where they find nothing', async () => {
    const large = made({ a: fileOf('a', 100_000) });
    const page = await large.page(10, undefined, 'none');
    expect(page).toMatchObject({ items: [], continuation: expect.any(String) });
    expect(large.bytes()).toBeLessThan(10 * 1024 * 1024);
  });

  test('hold a row that is longer than what is read at once', async () => {
    const long = made({ a: line('a', 1) + line('a', 2, 'x'.repeat(3_000_000)) + line('a', 3) });
    expect(await long.all(10)).toEqual(expected({ a: 3 }));
  });

  test('end with a conflict when the file was replaced meanwhile', async () => {
    const ports = made({ a: fileOf('a', 3), b: fileOf('b', 3) });
    const { continuation } = await ports.page(2);
    ports.replace('a');
    await expect(ports.page(2, continuation)).rejects.toMatchObject({ status: 409 });
    await expect(ports.page(2, 'nonsense')).rejects.toMatchObject({ status: 400 });
  });
});
