import { type DuckDBConnection, DuckDBDataChunk, type DuckDBValue, VARCHAR } from '@duckdb/node-api';
import { quoteName } from '../dax/sql-text.ts';
import { findColumn, findTable, type Model, type Partition, type Table } from '../model/model.ts';
import { STORED_TYPES, toStored } from './to-stored.ts';

/** Which partition a row came with; the model's own columns cannot have this name. */
const PARTITION = '__partition';
const CHUNK_ROWS = 2048;

/** Fills a new snapshot, in one transaction. */
export interface SnapshotBuilder {
  createTable(table: Table): Promise<void>;
  /** Takes the rows of the other partitions over from another snapshot. */
  copy(table: Table, from: string, except: ReadonlySet<string>): Promise<void>;
  /** Takes rows as the source gives them, in the order of the table's columns. */
  appender(table: Table, partition: Partition): Promise<RowAppender>;
  /** @throws Error when a column on the one side of a relationship has a value twice, or a blank */
  checkKeys(model: Model): Promise<void>;
  commit(): Promise<void>;
  discard(): Promise<void>;
}

export interface RowAppender {
  append(row: readonly unknown[]): void;
  /** Gives the number of rows. */
  finish(): number;
}

/** Begins the transaction; the connection is closed by `commit` and `discard`. */
export async function createSnapshotBuilder(connection: DuckDBConnection, name: string): Promise<SnapshotBuilder> {
  const schema = quoteName(name);
  const qualified = (table: Table): string => `${schema}.${quoteName(table.name)}`;
  await connection.run('BEGIN TRANSACTION');
  await connection.run(`CREATE SCHEMA ${schema}`);
  return {
    async createTable(table) {
      const columns = table.columns.map((column) => `${quoteName(column.name)} ${STORED_TYPES[column.type]}`);
      await connection.run(`CREATE TABLE ${qualified(table)} (${[...columns, `${PARTITION} VARCHAR`].join(', ')})`);
    },
    async copy(table, from, except) {
      const names = [...except].map((one) => `'${one.replaceAll("'", "''")}'`).join(', ');
      const where = names === '' ? '' : ` WHERE ${PARTITION} NOT IN (${names})`;
      const source = `${quoteName(from)}.${quoteName(table.name)}`;
      await connection.run(`INSERT INTO ${qualified(table)} SELECT * FROM ${source}${where}`);
    },
    appender: (table, partition) => createAppender(connection, name, table, partition),
    async checkKeys(model) {
      for (const { toTable, toColumn } of model.relationships) {
        const table = findTable(model, toTable);
        const column = table === undefined ? undefined : findColumn(table, toColumn);
        if (table === undefined || column === undefined) continue;
        const key = quoteName(column.name);
        const found = await connection.runAndReadAll(
          `SELECT ${key}::VARCHAR FROM ${qualified(table)} GROUP BY ${key} HAVING COUNT(*) > 1 OR ${key} IS NULL LIMIT 1`,
        );
        const [row] = found.getRows();
        if (row === undefined) continue;
        const what = row[0] === null ? 'blank values' : `a duplicate value '${String(row[0])}'`;
        throw new Error(
          `Column '${column.name}' in Table '${table.name}' contains ${what} and this is not allowed for columns on the one side ` +
            'of a many-to-one relationship or for columns that are used as the primary key of a table.',
        );
      }
    },
    async commit() {
      await connection.run('COMMIT');
      connection.closeSync();
    },
    async discard() {
      await connection.run('ROLLBACK');
      connection.closeSync();
    },
  };
}

async function createAppender(
  connection: DuckDBConnection,
  schema: string,
  table: Table,
  partition: Partition,
): Promise<RowAppender> {
  const appender = await connection.createAppender(table.name, schema);
  const types = [...table.columns.map((column) => STORED_TYPES[column.type]), VARCHAR];
  let rows: DuckDBValue[][] = [];
  let count = 0;
  const flush = (): void => {
    if (rows.length === 0) return;
    const chunk = DuckDBDataChunk.create(types);
    chunk.setRows(rows);
    appender.appendDataChunk(chunk);
    rows = [];
  };
  return {
    append(row) {
      rows.push([...table.columns.map((column, index) => toStored(column, row[index])), partition.name]);
      count += 1;
      if (rows.length === CHUNK_ROWS) flush();
    },
    finish() {
      flush();
      appender.closeSync();
      return count;
    },
  };
}
