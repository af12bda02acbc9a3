import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { withEvolved } from '../../../src/shared/contracts/evolved-columns.ts';
import { loadDatasets } from '../../../src/shared/contracts/load-datasets.ts';
import {
  alterStatements,
  alterViewStatements,
  loadStatements,
  publishStatements,
  removeFilesStatement,
  schemaStatements,
  stagingColumns,
  type TableColumn,
} from '../../../src/shared/warehouse/statements.ts';

const datasets = loadDatasets(join(import.meta.dirname, '..', '..', '..', 'datasets'));
const flights = datasets.get('flights')?.contract;
const table = flights?.warehouse;
if (flights === undefined || table === undefined) throw new Error('flights has no warehouse table');

/** The columns that a statement makes, as INFORMATION_SCHEMA would tell of them. */
function columnsOf(create = ''): TableColumn[] {
  return [...create.matchAll(/^ {2}\[(\w+)\] (\w+)(?:\((\d+)\))? (?:NOT )?NULL/gm)].map(
    ([, name = '', type = '', length]) => ({
      ...{ name, type: type.toLowerCase() },
      length: type === 'NVARCHAR' ? Number(length) : null,
    }),
  );
}

test('the fact table is hash-distributed and columnar, its keys not null', () => {
  const [create] = schemaStatements(flights, table);
  expect(create).toContain('WITH (DISTRIBUTION = HASH([flight]), CLUSTERED COLUMNSTORE INDEX)');
  expect(create).toContain('[carrier] NVARCHAR(2) NOT NULL');
  expect(create).toContain('[late_risk] FLOAT NULL');
});

test('rows without a key replace those of their own files only', () => {
  const logs = { ...flights, identity: { on_later_version: 'append' as const } };
  expect(publishStatements(logs, table).remove).toEqual([]);
  expect(schemaStatements(logs, table)[0]).not.toContain('NOT NULL');
});

test('a dimension with history has all versions of a key, each with its time, and they are replaced together', () => {
  const identity = { key: ['tailnum'], on_later_version: 'history' as const };
  const planes = { ...flights, identity, model: undefined };
  const [create, ...others] = schemaStatements(planes as never, { ...table, columns: ['tailnum'] });
  expect(others.at(-1)).toMatch(
    /^CREATE VIEW dw\.fact_flight_current AS\nSELECT \[tailnum\], .*\nWHERE is_current = 1 OR is_current IS NULL;$/s,
  );
  expect(create).toContain('[valid_from] DATETIME2(6) NULL,\n  [valid_to] DATETIME2(6) NULL,\n  [is_current] BIT NULL');
  const [view] = alterViewStatements(planes as never, { ...table, columns: ['tailnum'] }, [
    { name: 'tailnum', type: 'nvarchar', length: 8 },
  ]);
  expect(view).toMatch(/^ALTER VIEW dw\.fact_flight_current AS\nSELECT \[tailnum\], \[valid_from\], /);
  expect(alterViewStatements(planes as never, { ...table, columns: ['tailnum'] }, [])).toEqual([]);
  expect(stagingColumns(planes as never).map(({ name }) => name)).toEqual([
    ...flights.columns.map(({ name }) => name),
    ...['valid_from', 'valid_to', 'is_current', '_file', '_line', '_batch', '_landed_at', '_row_hash', '_published_by'],
  ]);
  expect(publishStatements(planes as never, { ...table, columns: ['tailnum'] }).remove[0]).toMatch(
    /AND s\.\[tailnum\] = dw\.fact_flight\.\[tailnum\]\);$/,
  );
});

test('the staging heap has the columns of the score job in their order', () => {
  const names = stagingColumns(flights).map(({ name }) => name);
  expect(names.slice(0, 3)).toEqual(['year', 'month', 'day']);
  expect(names.slice(-8)).toEqual([
    'late_risk',
    '_file',
    '_line',
    '_batch',
    '_landed_at',
    '_row_hash',
    '_published_by',
    '_model_version',
  ]);
});

test('columns that files brought are staged behind those of the contract, and added to the published table', () => {
  const column = { name: 'gate', type: 'string' as const, length: 9, source: 'Gate', evolved: 'flights-00000003' };
  const named = { ...column, name: 'tail', source: 'tailnum' };
  const dataset = { contract: flights, version: 'v', statements: {} };
  const { contract } = withEvolved(dataset, [column, named]);
  const evolved = contract.warehouse ?? table;
  expect(
    stagingColumns(contract)
      .map(({ name }) => name)
      .slice(-10, -7),
  ).toEqual(['status', 'gate', 'late_risk']);
  const known = columnsOf(schemaStatements(flights, table)[0]);
  expect(alterStatements(contract, evolved, known)).toEqual([
    expect.stringContaining('ALTER TABLE dw.fact_flight ADD [gate] NVARCHAR(9) NULL;'),
  ]);
  expect(publishStatements(contract, evolved).insert).toContain('[gate]');
  expect(alterStatements(flights, table, known)).toEqual([]);
});

test('a column of another type, or with too short texts, is altered; a key stays not null', () => {
  const known = columnsOf(schemaStatements(flights, table)[0]).map((column) => {
    if (column.name === 'carrier') return { ...column, length: 1 };
    return column.name === 'distance' ? { ...column, type: 'nvarchar', length: 9 } : column;
  });
  expect(alterStatements(flights, table, known)).toEqual([
    'ALTER TABLE dw.fact_flight ALTER COLUMN [carrier] NVARCHAR(2) NOT NULL;',
    'ALTER TABLE dw.fact_flight ALTER COLUMN [distance] INT NULL;',
  ]);
});

test('a quote in a path cannot end the literal of COPY INTO', () => {
  const copy = loadStatements(flights, table, "https://a/b'; DROP TABLE dw.x;--").at(-1);
  expect(copy).toContain("FROM 'https://a/b''; DROP TABLE dw.x;--'");
});

test('publishing deletes what the files brought before, by parameter, and rows of the same key, then inserts the batch alone', () => {
  const { remove, insert } = publishStatements(flights, table);
  expect(removeFilesStatement(table, 2)).toBe('DELETE FROM dw.fact_flight WHERE _file IN (@file0, @file1);');
  expect(remove[0]).toContain('s.[time_hour] = dw.fact_flight.[time_hour]');
  expect(insert).toMatch(/^INSERT INTO dw\.fact_flight .*WHERE _published_by = @batch;$/s);
});

test('rows of exploded records carry their item, too', () => {
  const traces = datasets.get('traces')?.contract;
  if (traces === undefined) throw new Error('there is no dataset traces');
  const names = stagingColumns(traces).map(({ name }) => name);
  expect(names.slice(-7)).toEqual(['_file', '_line', '_item', '_batch', '_landed_at', '_row_hash', '_published_by']);
});

test('a batch without files takes the place of all rows, where no key tells which', () => {
  const logs = { ...flights, identity: { on_later_version: 'append' as const } };
  expect(publishStatements(logs, table, true).remove).toEqual(['DELETE FROM dw.fact_flight;']);
  expect(publishStatements(flights, table, true).remove).toEqual(publishStatements(flights, table).remove);
});
