import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type sql from 'mssql';
import {
  formatReference,
  loadDefinition,
  type MetricQuery,
  toDaxQuery,
  toSqlQuery,
} from '../../semantic-model/index.ts';
import { generateQueries } from './generate-queries.ts';
import { openRawFiles, RAW_COLUMNS, RAW_MEASURES, type RawFiles } from './raw-answers.ts';
import { type Cell, type RefreshedModel, type Row, startRefreshedModel } from './start-model.ts';
import { startWarehouse, type Warehouse } from './start-warehouse.ts';

const definition = loadDefinition();
const COMBINATIONS = 50;

let warehouse: Warehouse;
let model: RefreshedModel;
let raw: RawFiles;
let database: sql.ConnectionPool;

beforeAll(async () => {
  [warehouse, raw] = await Promise.all([startWarehouse(), openRawFiles()]);
  [model, database] = await Promise.all([startRefreshedModel(warehouse), warehouse.connect()]);
}, 60_000);

afterAll(async () => {
  await database?.close();
  await model?.stop();
  await warehouse?.stop();
  raw?.close();
});

const askSql = async (query: MetricQuery): Promise<readonly Row[]> =>
  (await database.request().query<Row>(toSqlQuery(definition, query))).recordset;

test('every visible column and every measure has a hand-written twin over the raw files', () => {
  const visible = definition.tables
    .filter(({ hidden }) => !hidden)
    .flatMap((table) =>
      table.columns
        .filter(({ hidden }) => !hidden)
        .map(({ name }) => formatReference({ table: table.name, column: name })),
    );
  expect(Object.keys(RAW_COLUMNS).sort()).toEqual(visible.sort());
  expect(Object.keys(RAW_MEASURES).sort()).toEqual(definition.measures.map(({ name }) => name).sort());
});

test('for 50 combinations of columns and filters each measure is the same in DAX, in SQL and over the raw files', async () => {
  const queries = await generateQueries(definition, COMBINATIONS, 20130101, raw.values);
  const different: string[] = [];
  let [rows, cells] = [0, 0];
  for (const query of queries) {
    const [dax, sqlText] = [toDaxQuery(definition, query), toSqlQuery(definition, query)];
    const [bare, inDax, inSql] = await Promise.all([raw.answer(query), model.execute(dax), askSql(query)]);
    const expected = normalise(query, bare);
    rows += expected.size;
    for (const [language, text, answer] of [
      ['DAX', dax, inDax],
      ['SQL', sqlText, inSql],
    ] as const) {
      const found = normalise(query, answer);
      const difference = firstDifference(query, expected, found);
      cells += found.size * query.measures.length;
      if (difference !== undefined) different.push(`${language}: ${difference}\n${text}`);
    }
  }
  expect(different).toEqual([]);
  expect(rows).toBeGreaterThan(COMBINATIONS); // empty answers would prove nothing
  expect(cells).toBeGreaterThan(2 * COMBINATIONS * definition.measures.length);
}, 60_000);

test('a measure asked alone gives those rows only in which it has a value', async () => {
  const queries = await generateQueries(definition, 2 * definition.measures.length, 7, raw.values);
  const different: string[] = [];
  for (const [index, { by, filters }] of queries.entries()) {
    const measure = definition.measures[index % definition.measures.length];
    const query = { measures: [measure?.name ?? ''], by, filters };
    const expected = normalise(query, await raw.answer(query));
    for (const answer of [await model.execute(toDaxQuery(definition, query)), await askSql(query)]) {
      const difference = firstDifference(query, expected, normalise(query, answer));
      if (difference !== undefined) different.push(`${difference}\n${toDaxQuery(definition, query)}`);
    }
  }
  expect(different).toEqual([]);
}, 60_000);

test('the model tells which version of each dataset it shows', async () => {
  const rows = await model.execute('EVALUATE SUMMARIZECOLUMNS(Publication[Dataset], Publication[Version])');
  expect(rows).toEqual([{ 'Publication[Dataset]': 'flights', 'Publication[Version]': 7 }]);
});

/** Cells by row key; drivers give days as Date and 64-bit integers as text. */
function normalise(query: MetricQuery, rows: readonly Row[]): ReadonlyMap<string, readonly (number | null)[]> {
  const result = new Map<string, readonly (number | null)[]>();
  for (const row of rows) {
    const key = JSON.stringify(
      query.by.map((column) => {
        const value: unknown = row[formatReference(column)] ?? null;
        return value instanceof Date
          ? value.toISOString().slice(0, 19)
          : typeof value === 'bigint'
            ? Number(value)
            : value;
      }),
    );
    if (result.has(key)) throw new Error(`The row ${key} stands twice.`);
    result.set(
      key,
      query.measures.map((name) => toNumber(row[`[${name}]`] ?? null)),
    );
  }
  return result;
}

function toNumber(value: Cell): number | null {
  return value === null ? null : Number(value);
}

function firstDifference(
  query: MetricQuery,
  expected: ReadonlyMap<string, readonly (number | null)[]>,
  found: ReadonlyMap<string, readonly (number | null)[]>,
): string | undefined {
  for (const key of new Set([...expected.keys(), ...found.keys()])) {
    const [a, b] = [expected.get(key), found.get(key)];
    if (a === undefined || b === undefined) return `the row ${key} is ${a === undefined ? 'too much' : 'missing'}`;
    const index = a.findIndex((value, at) => !isSame(value, b[at] ?? null));
    if (index >= 0) return `${query.measures[index]} in ${key}: ${a[index]} over the raw files, ${b[index]} here`;
  }
  return undefined;
}

function isSame(a: number | null, b: number | null): boolean {
  if (a === null || b === null) return a === b;
  return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b), 1);
}
