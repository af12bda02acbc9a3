import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ActivityError } from '../engine/activity-error.ts';
import { type Column, type ColumnType, cellText, type OpenTable, type Table } from './table.ts';
import { writeDelimited } from './write-delimited.ts';

const CODECS: Readonly<Record<string, string>> = { none: 'uncompressed', snappy: 'snappy', gzip: 'gzip' };
const QUOTED = {
  delimiter: ',',
  quote: '"',
  escapeWith: '"',
  firstRowAsHeader: true,
  nullValue: '',
  rowDelimiter: '\r\n',
};

/** Reads a Parquet file, by way of DuckDB and a file beside it that lives until the table is closed. */
export async function openParquet(source: Readable): Promise<OpenTable> {
  const folder = await mkdtemp(join(tmpdir(), 'data-factory-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const file = join(folder, 'source.parquet');
    await pipeline(source, createWriteStream(file));
    const connection = await connect();
    const result = await connection.stream(`SELECT * FROM read_parquet(${quoted(file)})`).catch((cause: unknown) => {
      connection.closeSync();
      throw new ActivityError('ParquetInvalidFile', `ErrorCode=ParquetInvalidFile, ${cause}`, { cause });
    });
    const types = result.columnTypes().map((type) => columnType(String(type)));
    const columns = result.columnNames().map((name, at): Column => ({ name, type: types[at] ?? 'string' }));
    async function* batches() {
      for await (const rows of result.yieldRowsJson()) {
        yield rows.map((row) => row.map((value, at) => cellOf(value, types[at] ?? 'string')));
      }
    }
    return {
      columns,
      batches: batches(),
      close: () => {
        connection.closeSync();
        return remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Writes a table as a Parquet file with typed columns, and hands its content to the work. */
export async function withParquetFile<T>(
  table: Table,
  codec: string,
  work: (content: Readable) => Promise<T>,
): Promise<T> {
  return inFolder(async (folder) => {
    const [rows, file] = [join(folder, 'rows.csv'), join(folder, 'sink.parquet')];
    await pipeline(Readable.from(writeDelimited(table, QUOTED, false)), createWriteStream(rows));
    const columns = table.columns.map(({ name, type }) => `${quoted(name)}: ${quoted(SQL_TYPES[type])}`).join(', ');
    const compression = CODECS[codec.toLowerCase()] ?? 'snappy';
    const connection = await connect();
    try {
      await connection.run(`
        COPY (FROM read_csv(${quoted(rows)}, header = true, delim = ',', quote = '"', escape = '"', auto_detect = false,
          new_line = '\\r\\n', allow_quoted_nulls = false, parallel = false, columns = {${columns}}))
        TO ${quoted(file)} (FORMAT parquet, COMPRESSION ${quoted(compression)})
      `);
    } finally {
      connection.closeSync();
    }
    return work(createReadStream(file));
  });
}

const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  string: 'VARCHAR',
  json: 'VARCHAR',
  bytes: 'VARCHAR',
  int32: 'INTEGER',
  int64: 'BIGINT',
  double: 'DOUBLE',
  decimal: 'DECIMAL(38, 18)',
  boolean: 'BOOLEAN',
  datetime: 'TIMESTAMP',
  date: 'DATE',
};

function columnType(type: string): ColumnType {
  if (/^(INTEGER|SMALLINT|TINYINT|USMALLINT|UTINYINT)$/.test(type)) return 'int32';
  if (/^(BIGINT|UINTEGER|UBIGINT|HUGEINT)$/.test(type)) return 'int64';
  if (/^(FLOAT|DOUBLE)$/.test(type)) return 'double';
  if (/^DECIMAL/.test(type)) return 'decimal';
  if (/^TIMESTAMP/.test(type)) return 'datetime';
  if (type === 'DATE') return 'date';
  if (type === 'BOOLEAN') return 'boolean';
  return /[[(]/.test(type) ? 'json' : 'string';
}

function cellOf(value: unknown, type: ColumnType): unknown {
  if (value === null) return null;
  if (type === 'datetime') {
    const [whole = '', fraction = ''] = cellText(value).replace(/\+00$/, '').split('.');
    return `${whole}.${fraction.padEnd(7, '0')}`;
  }
  return value;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** DuckDB is loaded only where Parquet is met. */
async function connect() {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  return (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'data-factory-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
