import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ROOT } from '../../scripts/stack/endpoints.ts';
import { loadDatasets } from '../../src/shared/contracts/load-datasets.ts';
import { balances } from '../../src/shared/ledger/file-record.ts';
import type { RunRecord } from '../../src/shared/runs/run-record.ts';
import { schemaStatements } from '../../src/shared/warehouse/statements.ts';
import { queryWarehouse } from './support/digest.ts';
import { FLIGHTS, startTestStack, type TestStack } from './support/test-stack.ts';

const [HEADER = '', ...ROWS] = readFileSync(join(FLIGHTS, '2013-01.csv'), 'utf8').split('\n');
const good = ROWS.slice(0, 2000);

/** A row with one field set to another text. */
function withField(row: string, column: string, text: string): string {
  const index = HEADER.split(',').indexOf(column);
  return row.split(',').with(index, text).join(',');
}

const PETS = `
dataset: pets
description: Pets.
arrival: { path: pets/*.csv, format: csv }
columns:
  - { name: id, type: int, nullable: false, description: Number }
  - { name: legs, type: int, allowed: [2, 4], outcome: warn, description: Legs }
rules:
  - { name: as-many, row_count: { max_change: 0.9 }, outcome: warn, description: About as many as ever }
drift: { new_columns: evolve }
identity: { key: [id], on_later_version: upsert }
warehouse: { table: dim_pet, kind: dimension, distribution: replicate, columns: [id, legs] }
insights:
  - { name: by-legs, description: Pets by legs, sql: by-legs.sql, key: [legs], filters: [] }
`;

const TRIPS = `
dataset: trips
description: Trips.
arrival: { path: trips/*.parquet, format: parquet }
columns:
  - { name: id, type: int, nullable: false, description: Number }
  - { name: town, type: string, description: Where to }
rules: []
identity: { key: [id], on_later_version: upsert }
`;

/** The datasets with two others: one whose files may bring columns of their own, and one of Parquet. */
function datasetsWithMore(): string {
  const folder = mkdtempSync(join(tmpdir(), 'landfall-datasets-'));
  cpSync(join(ROOT, 'datasets'), folder, { recursive: true });
  mkdirSync(join(folder, 'pets'));
  writeFileSync(join(folder, 'pets', 'dataset.yaml'), PETS);
  writeFileSync(join(folder, 'pets', 'by-legs.sql'), 'SELECT legs, count(*) AS pets FROM pets GROUP BY legs');
  mkdirSync(join(folder, 'trips'));
  writeFileSync(join(folder, 'trips', 'dataset.yaml'), TRIPS);
  return folder;
}

describe('a file that is not as it should be', () => {
  const datasets = datasetsWithMore();
  let stack: TestStack;
  beforeAll(async () => {
    process.env.DATASETS_FOLDER = datasets;
    stack = await startTestStack();
  });
  afterAll(async () => {
    delete process.env.DATASETS_FOLDER;
    await stack.dispose();
    rmSync(datasets, { recursive: true, force: true });
  });

  test('brings its new columns into lake, warehouse and API where the contract lets it', async () => {
    const { contract } = loadDatasets(datasets).get('pets') ?? {};
    if (contract?.warehouse === undefined) throw new Error('pets has no warehouse table');
    for (const statement of schemaStatements(contract, contract.warehouse))
      await queryWarehouse(stack.settings, statement);
    await stack.landText('pets/a.csv', 'id,legs\n1,4\n', 'pets');
    const file = await stack.landText('pets/b.csv', 'id,legs,Shoe Size,born\n2,3,38.5,2020-02-01\n3,2,41,\n', 'pets');
    expect(file).toMatchObject({ status: 'published', rows: { loaded: 2 } });
    const run = await stack.client.get<RunRecord>(`/runs/${file.batch}`);
    expect(run.drift?.map(({ source, action, type }) => [source, action, type])).toEqual([
      ['Shoe Size', 'evolved', 'double'],
      ['born', 'evolved', 'date'],
    ]);
    expect(run.steps.cleanse?.warnings).toEqual([{ rule: 'allowed', column: 'legs', rows: 1 }]);
    // One file without the columns after it, as ever.
    expect(await stack.landText('pets/c.csv', 'id,legs\n4,4\n', 'pets')).toMatchObject({ status: 'published' });
    // What such a column cannot hold stands beside it.
    const more = Array.from({ length: 9 }, (_, index) => `${index + 10},4,${index === 0 ? 'large' : 40}`);
    const larger = await stack.landText('pets/d.csv', `id,legs,Shoe Size\n${more.join('\n')}\n`, 'pets');
    const told = await stack.client.get<RunRecord>(`/runs/${larger.batch}`);
    expect(told.steps.cleanse?.warnings).toMatchObject([
      { rule: 'as-many', message: expect.stringContaining('pets/d.csv has 9 rows; the median of 3 files before is 1') },
    ]);
    expect(told.drift).toMatchObject([
      { kind: 'changed-type', source: 'Shoe Size', action: 'evolved', column: 'shoe_size_text', examples: ['large'] },
    ]);
    const listed = await stack.client.get<{ datasets: { dataset: string; columns: object[] }[] }>('/datasets');
    expect(listed.datasets.find(({ dataset }) => dataset === 'pets')?.columns.slice(2)).toMatchObject([
      { name: 'Shoe Size', column: 'shoe_size', type: 'double', evolved: file.batch },
      { name: 'born', column: 'born', type: 'date', evolved: file.batch },
      { name: 'Shoe Size', column: 'shoe_size_text', type: 'string', evolved: larger.batch },
    ]);
    const rows = await queryWarehouse(
      stack.settings,
      'SELECT id, shoe_size, shoe_size_text FROM dw.dim_pet WHERE id < 12 ORDER BY id',
    );
    expect(rows.map(({ id, shoe_size, shoe_size_text }) => [id, shoe_size, shoe_size_text])).toEqual([
      ...[
        [1, null, null],
        [2, 38.5, null],
        [3, 41, null],
        [4, null, null],
      ],
      ...[
        [10, null, 'large'],
        [11, 40, null],
      ],
    ]);
    const asked = await fetch(`${stack.api.url}/sql`, {
      method: 'POST',
      headers: { 'x-functions-key': stack.api.key },
      body: JSON.stringify({ statement: 'SELECT max(shoe_size) AS largest, max(born) AS born FROM main.silver.pets' }),
    });
    expect(await asked.json()).toMatchObject({ state: 'succeeded', rows: [[41, '2020-02-01']] });
  });

  test('that is of Parquet gets its refused rows back as JSON Lines', async () => {
    const trips = join(stack.stateFolder, 'trips.parquet');
    const duckdb = await (await DuckDBInstance.create()).connect();
    await duckdb.run(`COPY (SELECT * FROM (VALUES (1, 'Ulm'), (NULL, 'Bonn')) AS trip("ID", town)) TO '${trips}'`);
    duckdb.closeSync();
    const [file] = await stack.land({ 'trips/a.parquet': trips }, ['trips']);
    expect(file).toMatchObject({ status: 'published', rows: { read: 2, loaded: 1, quarantined: 1 } });
    const answer = await fetch(`${stack.api.url}/quarantine/download?dataset=trips&file=trips/a.parquet`, {
      headers: { 'x-functions-key': stack.api.key },
    });
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="a.quarantined.jsonl"');
    const rows = await answer.text();
    expect(rows).toBe('{"ID": null, "town": "Bonn"}\n');
    const right = await stack.landText('trips/a.quarantined.jsonl', rows.replace('null', '2'), 'trips');
    expect(right).toMatchObject({ status: 'published', rows: { read: 1, loaded: 1 } });
    expect(await stack.client.get('/quarantine/counts?dataset=trips')).toMatchObject({ rows: 0, files: [] });
  });

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
