import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sql from 'mssql';
import { OPERATIONS_DATABASE, ROOT, type Settings } from '../stack/endpoints.ts';
import { sqlBatches } from './sql-batches.ts';
import { connectWarehouse } from './warehouse.ts';

const TABLES = ['airlines', 'airports', 'planes', 'weather'];
const NULLS = new Set(['', 'NA', '\\N']);

/**
 * Makes the operational database's tables and, when they are empty, fills them from the raw reference files: all of
 * them in one transaction, so that a start that was cut off leaves nothing half filled.
 */
export async function provisionOperations(settings: Settings): Promise<void> {
  const pool = await connectWarehouse(settings, OPERATIONS_DATABASE);
  try {
    const schema = readFileSync(join(ROOT, 'data-factory', 'operational-database', 'schema.sql'), 'utf8');
    for (const batch of sqlBatches(schema)) await pool.request().batch(batch);
    const { recordset } = await pool
      .request()
      .query<{ rows: number }>(TABLES.map((table) => `SELECT COUNT(*) AS rows FROM ops.${table}`).join(' UNION ALL '));
    if (recordset.some(({ rows }) => rows > 0)) return;
    const transaction = await pool.transaction().begin();
    for (const table of TABLES) await fill(transaction, table);
    await transaction.commit();
  } finally {
    await pool.close();
  }
}

async function fill(transaction: sql.Transaction, name: string): Promise<void> {
  const [header = '', ...lines] = readFileSync(join(ROOT, '.data', 'reference', `${name}.csv`), 'utf8')
    .trimEnd()
    .split('\n');
  const types = await columnTypes(transaction, name);
  const columns = header.split(',');
  const table = new sql.Table(`ops.${name}`);
  for (const column of [...columns, 'modified_at']) {
    const type = types.get(column);
    if (type === undefined) throw new Error(`ops.${name} has no column ${column}, which the raw file has.`);
    table.columns.add(column, type, { nullable: true });
  }
  const modifiedAt = new Date();
  for (const line of lines) {
    const texts = line.split(','); // the raw files of set-up quote nothing
    const values = texts.map((text, index) => toValue(text, types.get(columns[index] ?? '')));
    table.rows.add(...values, modifiedAt);
  }
  await transaction.request().bulk(table);
}

/** The driver's types of a table's columns. */
async function columnTypes(transaction: sql.Transaction, table: string): Promise<ReadonlyMap<string, sql.ISqlType>> {
  const { recordset } = await transaction
    .request()
    .input('table', table)
    .query<{ name: string; type: string; length: number | null; scale: number | null }>(
      `SELECT COLUMN_NAME AS name, DATA_TYPE AS type, CHARACTER_MAXIMUM_LENGTH AS length, DATETIME_PRECISION AS scale
       FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = 'ops' AND TABLE_NAME = @table`,
    );
  return new Map(recordset.map(({ name, type, length, scale }) => [name, driverType(type, length ?? 0, scale ?? 7)]));
}

function driverType(type: string, length: number, scale: number): sql.ISqlType {
  switch (type) {
    case 'int':
      return sql.Int();
    case 'float':
      return sql.Float();
    case 'datetime2':
      return sql.DateTime2(scale);
    case 'nvarchar':
      return sql.NVarChar(length);
    default:
      throw new Error(`A column of type ${type} cannot be filled.`);
  }
}

function toValue(text: string, type: sql.ISqlType | undefined): string | number | Date | null {
  if (NULLS.has(text)) return null;
  if (type?.type === sql.Int || type?.type === sql.Float) return Number(text);
  return type?.type === sql.DateTime2 ? new Date(text) : text;
}
