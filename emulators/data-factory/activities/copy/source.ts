import { PassThrough, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Dataset } from '../../connectors/connections.ts';
import { type FileEntry, openFiles } from '../../connectors/file-store.ts';
import { isSqlService, withSql } from '../../connectors/sql-connection.ts';
import { openQuery } from '../../connectors/sql-reader.ts';
import {
  DefinitionError,
  type JsonObject,
  listField,
  objectField,
  optionalString,
  readObject,
} from '../../definitions/json.ts';
import type { ActivityContext } from '../../engine/activity-context.ts';
import { ActivityError } from '../../engine/activity-error.ts';
import { compressionOf, delimitedFormat } from '../../formats/format-settings.ts';
import { readJsonDocuments, tableOfDocuments } from '../../formats/json-files.ts';
import { openParquet } from '../../formats/parquet.ts';
import { readDelimited } from '../../formats/read-delimited.ts';
import type { Cell, Column, OpenTable, Table } from '../../formats/table.ts';
import { documentsTable, type Translator } from './translator.ts';

/** What has been read so far. */
export interface ReadStatistics {
  bytes: number;
  files: number;
}

type Context = Pick<ActivityContext, 'connections' | 'signal'>;

/** The name of a table or view that a dataset stands for, quoted. */
export function tableName({ name, properties }: Dataset): string {
  const table = optionalString(properties, 'table');
  const schema = optionalString(properties, 'schema');
  const whole = optionalString(properties, 'tableName');
  const quote = (part: string): string => `[${part.replace(/^\[|\]$/g, '').replaceAll(']', ']]')}]`;
  if (table !== undefined && table !== '')
    return schema === undefined ? quote(table) : `${quote(schema)}.${quote(table)}`;
  if (whole !== undefined && whole !== '') return whole.split('.').map(quote).join('.');
  throw new DefinitionError(`The dataset '${name}' names no table.`);
}

/** Opens the rows of a dataset, as a source of Copy or Lookup describes them, and hands them to the work. */
export async function withSource<T>(
  context: Context,
  dataset: Dataset,
  source: JsonObject,
  translator: Translator | undefined,
  work: (table: Table, statistics: ReadStatistics) => Promise<T>,
): Promise<T> {
  const statistics: ReadStatistics = { bytes: 0, files: 0 };
  if (isSqlService(dataset.linkedService)) {
    return withSql(dataset.linkedService, context.signal, async (pool) => {
      const table = await openSqlSource(pool, dataset, source);
      return work(withAdditionalColumns(counted(table, statistics), source, undefined), statistics);
    });
  }
  const files = await openFiles(dataset, context.connections.credentials).list(
    objectField(source, 'storeSettings'),
    context.signal,
  );
  statistics.files = files.length;
  const open = async (file: FileEntry): Promise<OpenTable> => {
    const table = await openFile(dataset, file, translator, context.signal, statistics);
    return { ...withAdditionalColumns(table, source, file), close: () => table.close() };
  };
  const table = await concatenated(files, open);
  try {
    return await work(table, statistics);
  } finally {
    await table.close();
  }
}

async function openSqlSource(
  pool: Parameters<typeof openQuery>[0],
  dataset: Dataset,
  source: JsonObject,
): Promise<Table> {
  const query = optionalString(source, 'sqlReaderQuery');
  if (query !== undefined && query !== '') return openQuery(pool, query);
  const procedure = optionalString(source, 'sqlReaderStoredProcedureName');
  if (procedure === undefined || procedure === '') return openQuery(pool, `SELECT * FROM ${tableName(dataset)}`);
  return openQuery(pool, procedure, procedureParameters(source.storedProcedureParameters), true);
}

/** `{name: {value, type}}`, as stored procedures get their parameters. */
export function procedureParameters(declared: unknown): Map<string, unknown> {
  const entries = typeof declared === 'object' && declared !== null ? Object.entries(declared) : [];
  return new Map(
    entries.map(([name, spec]: [string, unknown]) => {
      const value = typeof spec === 'object' && spec !== null && 'value' in spec ? spec.value : spec;
      return [name.replace(/^@/, ''), value];
    }),
  );
}

async function openFile(
  dataset: Dataset,
  file: FileEntry,
  translator: Translator | undefined,
  signal: AbortSignal,
  statistics: ReadStatistics,
): Promise<OpenTable> {
  const content = await openContent(dataset, file, signal, statistics);
  const close = async (): Promise<void> => void content.destroy();
  switch (dataset.type) {
    case 'DelimitedText':
      return { ...(await readDelimited(content, delimitedFormat(dataset))), close };
    case 'Json': {
      const documents = await readJsonDocuments(content);
      return {
        ...(translator?.byPath === true ? documentsTable(documents, translator) : tableOfDocuments(documents)),
        close,
      };
    }
    case 'Parquet':
      return openParquet(content);
    default:
      throw new DefinitionError(`Datasets of type '${dataset.type}' cannot be read as rows here.`);
  }
}

/** A file's content, decompressed, its bytes counted as they arrive. */
export async function openContent(
  dataset: Dataset,
  file: FileEntry,
  signal: AbortSignal,
  statistics: ReadStatistics,
): Promise<Readable> {
  const raw = await file.read(signal);
  const counter = new PassThrough();
  raw.on('data', (chunk: Uint8Array) => {
    statistics.bytes += chunk.length;
  });
  raw.on('error', (error) => counter.destroy(error));
  raw.pipe(counter);
  if (compressionOf(dataset) === undefined) return counter;
  const unzipped = createGunzip();
  counter.on('error', (error) => unzipped.destroy(error));
  return counter.pipe(unzipped);
}

/** Several files as one table: columns as in the first, found by their names in the others. */
async function concatenated(
  files: readonly FileEntry[],
  open: (file: FileEntry) => Promise<OpenTable>,
): Promise<OpenTable> {
  const [first, ...rest] = files;
  if (first === undefined) {
    return { columns: [], batches: (async function* () {})(), close: async () => undefined };
  }
  const table = await open(first);
  async function* batches() {
    yield* table.batches;
    for (const file of rest) {
      const next = await open(file);
      try {
        const places = table.columns.map(({ name }) => next.columns.findIndex((column) => column.name === name));
        for await (const batch of next.batches) {
          yield batch.map((row) => places.map((place) => (place === -1 ? null : row[place])));
        }
      } finally {
        await next.close();
      }
    }
  }
  return { columns: table.columns, batches: batches(), close: () => table.close() };
}

/** Rows of a database have no bytes of their own; their text is what counts. */
function counted(table: Table, statistics: ReadStatistics): Table {
  async function* batches() {
    for await (const batch of table.batches) {
      for (const row of batch) for (const cell of row) statistics.bytes += cell === null ? 0 : String(cell).length;
      yield batch;
    }
  }
  return { columns: table.columns, batches: batches() };
}

/** `additionalColumns`: constants, `$$FILEPATH`, `$$COLUMN:name`. */
function withAdditionalColumns(table: Table, source: JsonObject, file: FileEntry | undefined): Table {
  const added = listField(source, 'additionalColumns').map((one) => {
    const { name, value } = readObject(one, 'An additional column');
    if (typeof name !== 'string') throw new DefinitionError('An additional column needs a name.');
    const copied = typeof value === 'string' ? /^\$\$COLUMN:(.+)$/.exec(value)?.[1] : undefined;
    const place = copied === undefined ? -1 : table.columns.findIndex((column) => column.name === copied);
    if (copied !== undefined && place === -1) {
      throw new ActivityError(
        'UserErrorAdditionalColumnNotFound',
        `There is no column '${copied}' to copy into '${name}'.`,
      );
    }
    const cell = (row: readonly Cell[]): Cell =>
      place !== -1 ? row[place] : value === '$$FILEPATH' ? (file?.relativePath ?? null) : (value ?? null);
    return { name, type: table.columns[place]?.type ?? ('string' as const), cell };
  });
  if (added.length === 0) return table;
  async function* batches() {
    for await (const batch of table.batches) yield batch.map((row) => [...row, ...added.map(({ cell }) => cell(row))]);
  }
  const columns: Column[] = added.map(({ name, type }) => ({ name, type }));
  return { columns: [...table.columns, ...columns], batches: batches() };
}
