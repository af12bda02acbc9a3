import type { Column, ColumnType, Contract, WarehouseTable } from '../contracts/contract.ts';

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

/** What the score job adds behind the business columns, in the order of its Parquet files. */
const STAGED_EXTRAS: readonly SqlColumn[] = [
  ...LINEAGE,
  { name: '_row_hash', type: 'BIGINT' },
  { name: '_model_version', type: 'NVARCHAR(64)' },
];

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
  const prediction = contract.model === undefined ? [] : [{ name: contract.model.prediction, type: 'FLOAT' }];
  return [...contract.columns.map(sqlColumn), ...prediction, ...STAGED_EXTRAS];
}

/** `CREATE TABLE` of the published table and its staging heap, each unless it exists. */
export function schemaStatements(contract: Contract, table: WarehouseTable): readonly string[] {
  const published = [...table.columns, '_file', '_line', '_batch', '_model_version'].map((name) =>
    columnNamed(contract, name),
  );
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
  const columns = [...table.columns, '_file', '_line', '_batch', '_model_version'].map(quote).join(', ');
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

function columnNamed(contract: Contract, name: string): SqlColumn {
  const column = contract.columns.find((candidate) => candidate.name === name);
  if (column !== undefined) return sqlColumn(column);
  return STAGED_EXTRAS.find((candidate) => candidate.name === name) ?? { name, type: 'FLOAT' };
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
