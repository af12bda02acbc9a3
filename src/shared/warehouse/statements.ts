import type { Column, ColumnType, Contract, WarehouseTable } from '../contracts/contract.ts';
import { explodes } from '../contracts/explodes.ts';
import { keepsHistory, validityColumns } from '../contracts/history.ts';
import { LandfallError } from '../errors.ts';

/** A column of a table in the warehouse and its T-SQL type. */
interface SqlColumn {
  readonly name: string;
  readonly type: string;
}

/** Where a row came from; every row of the lake and the warehouse carries it. */
function origin(contract: Contract): readonly SqlColumn[] {
  return [
    { name: '_file', type: 'NVARCHAR(1024)' },
    { name: '_line', type: 'INT' },
    ...(explodes(contract) ? [{ name: '_item', type: 'INT' }] : []),
    { name: '_batch', type: 'NVARCHAR(64)' },
  ];
}

/** Lineage that serves loading only and is not published. */
const STAGED_ONLY: readonly SqlColumn[] = [
  { name: '_landed_at', type: 'NVARCHAR(64)' },
  { name: '_row_hash', type: 'BIGINT' },
  { name: '_published_by', type: 'NVARCHAR(64)' },
];

const MODEL_VERSION: SqlColumn = { name: '_model_version', type: 'NVARCHAR(64)' };

const TYPES: Readonly<Record<ColumnType, string>> = {
  string: 'NVARCHAR',
  int: 'INT',
  bigint: 'BIGINT',
  double: 'FLOAT',
  boolean: 'BIT',
  date: 'DATE',
  timestamp: 'DATETIME2(6)',
};

/** The staging table of a dataset: the columns of the score job's Parquet files in their order, since COPY INTO goes by position. */
export function stagingColumns(contract: Contract): readonly SqlColumn[] {
  const { model } = contract;
  const prediction = model === undefined ? [] : [{ name: model.prediction, type: 'FLOAT' }];
  const version = model === undefined ? [] : [MODEL_VERSION];
  const validity = validityColumns(contract).map(({ name, type }) => ({ name, type: TYPES[type] }));
  return [
    ...contract.columns.map(sqlColumn),
    ...validity,
    ...prediction,
    ...origin(contract),
    ...STAGED_ONLY,
    ...version,
  ];
}

/** The published table's columns: those that the contract names, and where each row came from. */
function publishedColumns(contract: Contract, table: WarehouseTable): readonly SqlColumn[] {
  const staged = new Map(stagingColumns(contract).map((column) => [column.name, column]));
  const lineage = [...origin(contract), ...(contract.model === undefined ? [] : [MODEL_VERSION])].map(
    ({ name }) => name,
  );
  const validity = validityColumns(contract).map(({ name }) => name);
  return [...table.columns, ...validity, ...lineage].map((name) => {
    const column = staged.get(name);
    if (column === undefined)
      throw new LandfallError(
        'InvalidContract',
        `warehouse.columns of '${contract.dataset}' names '${name}', which is no column.`,
      );
    return column;
  });
}

/**
 * Brings the published table to its contract: creates it, or adds the columns that it lacks. Of one with history there is a
 * view of the current versions, `<table>_current`, one row a key; so are rows from before it kept history. Each statement is a
 * batch of its own.
 */
export function schemaStatements(contract: Contract, table: WarehouseTable): readonly string[] {
  const columns = publishedColumns(contract, table);
  const keys = new Set(contract.identity.key ?? []);
  const exists = `SELECT 1 FROM sys.tables t JOIN sys.schemas s ON s.schema_id = t.schema_id WHERE s.name = 'dw' AND t.name = '${table.table}'`;
  const create = createTable(
    `dw.${table.table}`,
    columns,
    `DISTRIBUTION = ${distribution(table)}, CLUSTERED COLUMNSTORE INDEX`,
    keys,
  );
  const additions = columns.map((column) => addition(table, column));
  const bring = `IF NOT EXISTS (${exists})\nBEGIN\n${create}\nEND\nELSE\nBEGIN\n${additions.join('\n')}\nEND`;
  return [bring, ...currentView(contract, table, columns)];
}

/** A column of a table, as INFORMATION_SCHEMA tells of it. */
export interface TableColumn {
  readonly name: string;
  readonly type: string;
  readonly length: number | null;
}

/** The columns of a published table, or of a view. Parameter: `@table`. */
export const COLUMNS_QUERY =
  'SELECT COLUMN_NAME AS [name], DATA_TYPE AS [type], CHARACTER_MAXIMUM_LENGTH AS [length] ' +
  "FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = 'dw' AND TABLE_NAME = @table";

/** Brings a published table whose columns are known to its contract: those that it lacks, other types, longer texts. */
export function alterStatements(
  contract: Contract,
  table: WarehouseTable,
  known: readonly TableColumn[],
): readonly string[] {
  const there = new Map(known.map((column) => [column.name, column]));
  const keys = new Set(contract.identity.key ?? []);
  return publishedColumns(contract, table).flatMap((column) => {
    const { name, type } = column;
    const found = there.get(name);
    if (found === undefined) return [addition(table, column)];
    const [, kind = '', length] = /^(\w+)(?:\((\d+)\))?$/.exec(type.toLowerCase()) ?? [];
    const isShort = kind === 'nvarchar' && (found.length ?? 0) < Number(length);
    if (found.type.toLowerCase() === kind && !isShort) return [];
    return [
      `ALTER TABLE dw.${table.table} ALTER COLUMN ${quote(name)} ${type} ${keys.has(name) ? 'NOT NULL' : 'NULL'};`,
    ];
  });
}

function addition(table: WarehouseTable, { name, type }: SqlColumn): string {
  return (
    `IF NOT EXISTS (SELECT 1 FROM sys.columns WHERE object_id = OBJECT_ID('dw.${table.table}') AND name = '${name}')\n` +
    `ALTER TABLE dw.${table.table} ADD ${quote(name)} ${type} NULL;`
  );
}

/** A dedicated pool has no CREATE OR ALTER VIEW. */
function currentView(contract: Contract, table: WarehouseTable, columns: readonly SqlColumn[]): readonly string[] {
  if (!keepsHistory(contract)) return [];
  const view = `dw.${currentViewName(table)}`;
  return [`IF OBJECT_ID('${view}', 'V') IS NOT NULL DROP VIEW ${view};`, `CREATE ${currentVersions(table, columns)}`];
}

/** The name of the view of a table's current versions. */
export function currentViewName(table: WarehouseTable): string {
  return `${table.table}_current`;
}

/** Brings a view of the current versions whose columns are known to the table: it names each, and keeps their types. */
export function alterViewStatements(
  contract: Contract,
  table: WarehouseTable,
  known: readonly TableColumn[],
): readonly string[] {
  if (known.length === 0) return [];
  const columns = publishedColumns(contract, table);
  const isSame = alterStatements(contract, table, known).length === 0;
  return isSame ? [] : [`ALTER ${currentVersions(table, columns)}`];
}

function currentVersions(table: WarehouseTable, columns: readonly SqlColumn[]): string {
  const names = columns.map(({ name }) => quote(name)).join(', ');
  return (
    `VIEW dw.${currentViewName(table)} AS\nSELECT ${names}\nFROM dw.${table.table}\n` +
    'WHERE is_current = 1 OR is_current IS NULL;'
  );
}

/** Makes the staging heap anew, so that it always follows the contract, and fills it from the Parquet files of a batch. */
export function loadStatements(contract: Contract, table: WarehouseTable, url: string): readonly string[] {
  const stage = `stage.${table.table}`;
  return [
    `IF OBJECT_ID('${stage}') IS NOT NULL DROP TABLE ${stage};`,
    createTable(stage, stagingColumns(contract), 'DISTRIBUTION = ROUND_ROBIN, HEAP', new Set()),
    `COPY INTO ${stage}\nFROM '${url.replaceAll("'", "''")}'\nWITH (FILE_TYPE = 'PARQUET', CREDENTIAL = (IDENTITY = 'Managed Identity'));`,
  ];
}

/** Files whose rows one statement removes: TDS takes 2,100 parameters. */
export const FILES_PER_STATEMENT = 1000;

/** Removes what earlier versions of some files brought. Parameters: `@file0…`. */
export function removeFilesStatement(table: WarehouseTable, files: number): string {
  const paths = Array.from({ length: files }, (_, index) => `@file${index}`).join(', ');
  return `DELETE FROM dw.${table.table} WHERE _file IN (${paths});`;
}

/** What publishing does, in this order and in one transaction, after that. Parameters: `@dataset`, `@version`, `@batch`. */
export interface PublishStatements {
  /** Removes rows whose key comes again. */
  readonly remove: readonly string[];
  /** Takes over the batch's staged rows; the number of rows that it inserts must be checked. */
  readonly insert: string;
  readonly record: readonly string[];
}

/**
 * The statements that move the staged rows of a batch into the published table.
 * @param refresh the batch has no files: it has scored all rows again
 */
export function publishStatements(contract: Contract, table: WarehouseTable, refresh = false): PublishStatements {
  const columns = publishedColumns(contract, table)
    .map(({ name }) => quote(name))
    .join(', ');
  const target = `dw.${table.table}`;
  const all = refresh ? [`DELETE FROM ${target};`] : []; // all rows are staged
  const sameKey = contract.identity.key?.map((name) => `s.${quote(name)} = ${target}.${quote(name)}`).join(' AND ');
  return {
    remove:
      sameKey === undefined
        ? all
        : [
            `DELETE FROM ${target} WHERE EXISTS (SELECT 1 FROM stage.${table.table} s WHERE s._published_by = @batch AND ${sameKey});`,
          ],
    insert: `INSERT INTO ${target} (${columns})\nSELECT ${columns}\nFROM stage.${table.table}\nWHERE _published_by = @batch;`,
    record: [
      'DELETE FROM dw.publication WHERE dataset = @dataset;',
      'INSERT INTO dw.publication (dataset, version, batch, published_at) VALUES (@dataset, @version, @batch, SYSUTCDATETIME());',
    ],
  };
}

function createTable(
  name: string,
  columns: readonly SqlColumn[],
  options: string,
  notNull: ReadonlySet<string>,
): string {
  const lines = columns.map(
    (column) => `  ${quote(column.name)} ${column.type} ${notNull.has(column.name) ? 'NOT NULL' : 'NULL'}`,
  );
  return `CREATE TABLE ${name} (\n${lines.join(',\n')}\n)\nWITH (${options});`;
}

function sqlColumn(column: Column): SqlColumn {
  const type = TYPES[column.type];
  return { name: column.name, type: column.type === 'string' ? `${type}(${column.length ?? 4000})` : type };
}

function distribution(table: WarehouseTable): string {
  if (table.distribution === 'round_robin') return 'ROUND_ROBIN';
  return table.distribution === 'replicate' ? 'REPLICATE' : `HASH(${quote(table.distribution.hash)})`;
}

/** Column names are lower-case words by the contract's schema; brackets keep those that are also keywords apart. */
function quote(name: string): string {
  return `[${name}]`;
}
