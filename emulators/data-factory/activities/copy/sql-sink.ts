import sql from 'mssql';
import type { Dataset } from '../../connectors/connections.ts';
import { withSql } from '../../connectors/sql-connection.ts';
import { DefinitionError, type JsonObject, listField, objectField, optionalString } from '../../definitions/json.ts';
import type { ActivityContext } from '../../engine/activity-context.ts';
import { type Cell, type Column, cellText, type Table } from '../../formats/table.ts';
import { tableName } from './source.ts';

const MOST_PARAMETERS = 2000;
const MOST_ROWS = 500;

/** Inserts or upserts a table's rows in one transaction; gives their number. */
export async function writeSqlTable(
  { signal }: Pick<ActivityContext, 'signal'>,
  dataset: Dataset,
  sink: JsonObject,
  table: Table,
): Promise<number> {
  const behavior = optionalString(sink, 'writeBehavior') ?? 'insert';
  const keys = listField(objectField(sink, 'upsertSettings'), 'keys').map(String);
  if (!/^(insert|upsert)$/i.test(behavior) || sink.sqlWriterStoredProcedureName !== undefined) {
    throw new DefinitionError('Only the write behaviours insert and upsert are emulated.');
  }
  const upsert = /^upsert$/i.test(behavior);
  if (upsert && keys.length === 0) throw new DefinitionError("'upsertSettings.keys' is needed to upsert.");
  const target = tableName(dataset);
  return withSql(dataset.linkedService, signal, async (pool) => {
    const transaction = pool.transaction();
    await transaction.begin();
    try {
      const preCopy = optionalString(sink, 'preCopyScript');
      if (preCopy !== undefined && preCopy !== '') await transaction.request().batch(preCopy);
      let rows = 0;
      for await (const batch of table.batches) {
        const size = Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_PARAMETERS / table.columns.length)));
        for (let at = 0; at < batch.length; at += size) {
          const part = batch.slice(at, at + size);
          await (upsert
            ? upsertRows(transaction, target, table.columns, keys, part)
            : insertRows(transaction, target, table.columns, part));
          rows += part.length;
        }
      }
      await transaction.commit();
      return rows;
    } catch (error) {
      await transaction.rollback().catch(() => undefined);
      throw error;
    }
  });
}

function quote(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`;
}

function bind(request: sql.Request, name: string, cell: Cell, { type }: Column): string {
  const isNumber = type === 'int32' || type === 'int64' || type === 'double' || type === 'decimal';
  if (cell === null || cell === undefined) return 'NULL';
  if (typeof cell === 'number') {
    request.input(name, Number.isInteger(cell) ? (Math.abs(cell) < 2 ** 31 ? sql.Int : sql.BigInt) : sql.Float, cell);
  } else if (typeof cell === 'boolean') request.input(name, sql.Bit, cell);
  else if (cell instanceof Uint8Array) request.input(name, sql.VarBinary(sql.MAX), Buffer.from(cell));
  else if (isNumber && Number.isSafeInteger(Number(cell))) request.input(name, sql.BigInt, Number(cell));
  else request.input(name, sql.NVarChar(sql.MAX), cellText(cell));
  return `@${name}`;
}

async function insertRows(
  transaction: sql.Transaction,
  target: string,
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
): Promise<void> {
  const request = transaction.request();
  // Not VALUES with several rows, which a dedicated SQL pool does not have.
  const selects = rows.map(
    (row, line) => `SELECT ${columns.map((column, at) => bind(request, `p${line}_${at}`, row[at], column)).join(', ')}`,
  );
  const names = columns.map(({ name }) => quote(name)).join(', ');
  await request.query(`INSERT INTO ${target} (${names}) ${selects.join(' UNION ALL ')}`);
}

/** Row by row: update, and insert what was not there. */
async function upsertRows(
  transaction: sql.Transaction,
  target: string,
  columns: readonly Column[],
  keys: readonly string[],
  rows: readonly (readonly Cell[])[],
): Promise<void> {
  for (const row of rows) {
    const request = transaction.request();
    const values = columns.map((column, at) => bind(request, `p${at}`, row[at], column));
    const pairs = columns.map(({ name }, at) => ({ name, text: `${quote(name)} = ${values[at]}` }));
    const where = pairs.filter(({ name }) => keys.includes(name)).map(({ text }) => text);
    if (where.length < keys.length)
      throw new DefinitionError(`The rows lack a key of the upsert (${keys.join(', ')}).`);
    const set = pairs.filter(({ name }) => !keys.includes(name)).map(({ text }) => text);
    const condition = where.join(' AND ');
    const names = columns.map(({ name }) => quote(name)).join(', ');
    const update = set.length === 0 ? '' : `UPDATE ${target} SET ${set.join(', ')} WHERE ${condition};`;
    await request.query(
      `${update} IF NOT EXISTS (SELECT 1 FROM ${target} WHERE ${condition}) INSERT INTO ${target} (${names}) VALUES (${values.join(', ')})`,
    );
  }
}
