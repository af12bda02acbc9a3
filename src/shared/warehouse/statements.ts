import type { Column, ColumnType, Contract, WarehouseTable } from '../contracts/contract.ts';
import { LandfallError } from '../errors.ts';

/** A column of a table in the warehouse and its T-SQL type. */
interface SqlColumn {
  readonly name: string;
  readonly type: string;
}

/** Where a row came from; every row of the lake and the warehouse carries it. */
const LINEAGE: readonly SqlColumn[] = [
  { name: '_file', type: 'NVARCHAR(1024)' },
  { name: '_line', type: 'INT' },
  { name: '_batch', type: 'NVARCHAR(64)' },
];

/** Lineage that serves loading only and is not published. */
const STAGED_ONLY: readonly SqlColumn[] = [
  { name: '_sequencer', type: 'NVARCHAR(128)' },
  { name: '_row_hash', type: 'BIGINT' },
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
  return [...contract.columns.map(sqlColumn), ...prediction, ...LINEAGE, ...STAGED_ONLY, ...version];
}

/** The published table's columns: those that the contract names, and where each row came from. */
function publishedColumns(contract: Contract, table: WarehouseTable): readonly SqlColumn[] {
  const staged = new Map(stagingColumns(contract).map((column) => [column.name, column]));
  const lineage = [...LINEAGE, ...(contract.model === undefined ? [] : [MODEL_VERSION])].map(({ name }) => name);
  return [...table.columns, ...lineage].map((name) => {
    const column = staged.get(name);
    if (column === undefined)
      throw new LandfallError(
        'InvalidContract',
        `warehouse.columns of '${contract.dataset}' names '${name}', which is no column.`,
      );
    return column;
  });
}

/** `CREATE TABLE` of the published table and its staging heap, each unless it exists. */
export function schemaStatements(contract: Contract, table: WarehouseTable): readonly string[] {
  const published = publishedColumns(contract, table);
  const keys = new Set(contract.identity.key);
  const create = (
    schema: string,
    columns: readonly SqlColumn[],
    options: string,
    notNull: ReadonlySet<string>,
  ): string =>
    [
      `IF NOT EXISTS (SELECT 1 FROM sys.tables t JOIN sys.schemas s ON s.schema_id = t.schema_id WHERE s.name = '${schema}' AND t.name = '${table.table}')`,
      `CREATE TABLE ${schema}.${table.table} (`,
      columns
        .map(({ name, type }) => `  ${quote(name)} ${type} ${notNull.has(name) ? 'NOT NULL' : 'NULL'}`)
        .join(',\n'),
      `)`,
      `WITH (${options});`,
    ].join('\n');
  return [
    create('dw', published, `DISTRIBUTION = ${distribution(table)}, CLUSTERED COLUMNSTORE INDEX`, keys),
    create('stage', stagingColumns(contract), 'DISTRIBUTION = ROUND_ROBIN, HEAP', new Set()),
  ];
}

/** Empties the staging heap and fills it from the Parquet files of a batch. */
export function loadStatements(table: WarehouseTable, url: string): readonly string[] {
  return [
    `TRUNCATE TABLE stage.${table.table};`,
    `COPY INTO stage.${table.table}\nFROM '${url.replaceAll("'", "''")}'\nWITH (FILE_TYPE = 'PARQUET', CREDENTIAL = (IDENTITY = 'Managed Identity'));`,
  ];
}

/**
 * Moves the staged rows of a batch into the published table; to be run in one transaction, in this order.
 * The parameters are `@file0…` for the paths whose earlier versions the batch replaces.
 */
export function publishStatements(contract: Contract, table: WarehouseTable, replacedFiles: number): readonly string[] {
  const columns = publishedColumns(contract, table)
    .map(({ name }) => quote(name))
    .join(', ');
  const sameKey = contract.identity.key
    .map((name) => `s.${quote(name)} = dw.${table.table}.${quote(name)}`)
    .join(' AND ');
  const files = Array.from({ length: replacedFiles }, (_, index) => `@file${index}`).join(', ');
  return [
    ...(replacedFiles === 0 ? [] : [`DELETE FROM dw.${table.table} WHERE _file IN (${files});`]),
    `DELETE FROM dw.${table.table} WHERE EXISTS (SELECT 1 FROM stage.${table.table} s WHERE ${sameKey});`,
    `INSERT INTO dw.${table.table} (${columns})\nSELECT ${columns}\nFROM stage.${table.table};`,
    'DELETE FROM dw.publication WHERE dataset = @dataset;',
    'INSERT INTO dw.publication (dataset, version, batch, published_at) VALUES (@dataset, @version, @batch, SYSUTCDATETIME());',
  ];
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
