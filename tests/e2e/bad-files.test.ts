import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { balances } from '../../src/shared/ledger/file-record.ts';
import { queryWarehouse } from './support/digest.ts';
import { FLIGHTS, startTestStack, type TestStack } from './support/test-stack.ts';

const [HEADER = '', ...ROWS] = readFileSync(join(FLIGHTS, '2013-01.csv'), 'utf8').split('\n');
const good = ROWS.slice(0, 2000);

/** A row with one field set to another text. */
function withField(row: string, column: string, text: string): string {
  const index = HEADER.split(',').indexOf(column);
  return row.split(',').with(index, text).join(',');
}

describe('a file that is not as it should be', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack();
  });
  afterAll(() => stack.dispose());

  test('is rejected with a reason when it is empty', async () => {
    expect(await stack.landText('flights/empty.csv', '')).toMatchObject({
      status: 'rejected',
      reason: 'The file is empty (0 bytes).',
    });
  });

  test('is rejected with a reason when it is binary', async () => {
    const file = await stack.landText('flights/binary.csv', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13]));
    expect(file).toMatchObject({ status: 'rejected', reason: expect.stringContaining('binary') });
  });

  test('is rejected with the known patterns when no dataset expects it', async () => {
    const file = await stack.landText('invoices/2013.csv', 'a,b\n1,2\n', '(none)');
    expect(file).toMatchObject({ status: 'rejected', reason: expect.stringContaining('flights/*.csv') });
  });

  test('is rejected with the missing column when its header is broken', async () => {
    const file = await stack.landText(
      'flights/header.csv',
      `${HEADER.replace('sched_dep_time', 'shed_dep_time')}\n${good.slice(0, 3).join('\n')}\n`,
    );
    expect(file).toMatchObject({
      status: 'rejected',
      reason: expect.stringContaining('lacks the column sched_dep_time'),
    });
  });

  test('is rejected with a reason when it was cut off while it was packed, and the file beside it is published', async () => {
    const packed = gzipSync([HEADER, ...ROWS.slice(5000, 5500)].join('\n'));
    const [whole, cut] = [join(stack.stateFolder, 'whole.csv'), join(stack.stateFolder, 'cut.csv')];
    writeFileSync(whole, packed);
    writeFileSync(cut, packed.subarray(0, packed.length - 100));
    const files = await stack.land({ 'flights/whole.csv': whole, 'flights/cut.csv': cut });
    expect(files.map(({ path, status, rows }) => [path, status, rows?.loaded]).toSorted()).toEqual([
      ['flights/cut.csv', 'rejected', undefined],
      ['flights/whole.csv', 'published', 500],
    ]);
    expect(files.find(({ path }) => path === 'flights/cut.csv')?.reason).toMatch(/cannot be decompressed: Truncated/);
  });

  test('gives its good rows to the insights and its bad ones to quarantine, with line and rule', async () => {
    const bad = [
      withField(good[0] ?? '', 'distance', 'far'),
      withField(good[1] ?? '', 'sched_dep_time', '1275'),
      withField(good[2] ?? '', 'carrier', 'NA'),
      `${good[3]},one field too many`,
    ];
    const lines = [HEADER, ...good.slice(10), ...bad];
    const file = await stack.landText('flights/dirty.csv', `${lines.join('\n')}\n`);
    expect({ status: file.status, reason: file.reason }).toEqual({ status: 'published', reason: undefined });
    expect(file.rows).toMatchObject({ read: good.length - 10 + 4, loaded: good.length - 10, quarantined: 4 });
    expect(file.rows !== undefined && balances(file.rows)).toBe(true);
    expect(file.reasons?.map(({ rule, rows }) => [rule, rows]).toSorted()).toEqual([
      ['fields', 1],
      ['not-null', 1],
      ['scheduled-time-exists', 1],
      ['type', 1],
    ]);
    const loaded = await queryWarehouse(
      stack.settings,
      "SELECT COUNT(*) AS loaded FROM dw.fact_flight WHERE _file = 'flights/dirty.csv'",
    );
    expect(loaded).toEqual([{ loaded: good.length - 10 }]);
    const quarantined = await readQuarantine(stack);
    const byRaw = new Map(quarantined.map((row) => [row.raw, row]));
    for (const [index, raw] of bad.entries()) {
      expect(byRaw.get(raw)).toMatchObject({ file: 'flights/dirty.csv', line: good.length - 10 + 2 + index });
    }
  });

  test('fails its batch with the share when too much of it is bad, and leaves what is served as it was', async () => {
    const served = await stack.client.all('/insights/flights/carrier-punctuality');
    const bad = good.slice(0, 1500).map((row) => withField(row, 'distance', 'far'));
    const file = await stack.landText('flights/rotten.csv', `${[HEADER, ...bad, ...good.slice(1500)].join('\n')}\n`);
    expect(file).toMatchObject({ status: 'failed', rows: { read: 2000, quarantined: 1500 } });
    expect(file.reason).toContain('1500 of 2000 rows are in quarantine, a share of 0.750; the contract allows 0.5');
    expect(await stack.client.all('/insights/flights/carrier-punctuality')).toEqual(served);
  });
});

interface QuarantinedRow {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly raw: string;
}

async function readQuarantine({ blobs }: TestStack): Promise<QuarantinedRow[]> {
  const container = blobs.getContainerClient('quarantine');
  const rows: QuarantinedRow[] = [];
  for await (const { name } of container.listBlobsFlat()) {
    if (!name.endsWith('.jsonl')) continue;
    const text = (await container.getBlobClient(name).downloadToBuffer()).toString('utf8');
    rows.push(
      ...text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as QuarantinedRow),
    );
  }
  return rows;
}
