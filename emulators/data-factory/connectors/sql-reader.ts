import type sql from 'mssql';
import type { Cell, Column, ColumnType, Table } from '../formats/table.ts';

const BATCH_ROWS = 1000;

/** Rows of the first result of a statement; named parameters may be bound. */
export async function openQuery(
  pool: sql.ConnectionPool,
  text: string,
  parameters: ReadonlyMap<string, unknown> = new Map(),
  procedure = false,
): Promise<Table> {
  const request = pool.request();
  request.stream = true;
  for (const [name, value] of parameters) request.input(name, value);
  const queue = createQueue(request);
  let columns: Column[] | undefined;
  let types: readonly string[] = [];
  let batch: Cell[][] = [];
  let first = true;
  const flush = (): void => {
    if (batch.length > 0) queue.push(batch);
    batch = [];
  };
  const described = new Promise<Column[]>((resolve, reject) => {
    request.on('recordset', (described: unknown) => {
      first = columns === undefined;
      if (!first) return;
      const metadata = readMetadata(described);
      types = metadata.map(({ declaration }) => declaration);
      columns = metadata.map(({ name, type }) => ({ name, type }));
      resolve(columns);
    });
    request.on('row', (row: readonly unknown[]) => {
      if (!first) return;
      batch.push(row.map((value, at) => cellOf(value, types[at] ?? '')));
      if (batch.length >= BATCH_ROWS) flush();
    });
    request.on('error', (error: Error) => {
      queue.fail(error);
      reject(error);
    });
    request.on('done', () => {
      flush();
      queue.end();
      resolve(columns ?? []);
    });
  });
  if (procedure) void request.execute(text).catch(() => undefined);
  else void request.query(text).catch(() => undefined);
  return { columns: await described, batches: queue.batches() };
}

interface ColumnMetadata extends Column {
  readonly declaration: string;
}

function readMetadata(described: unknown): ColumnMetadata[] {
  const list = Array.isArray(described) ? described : Object.values(described as Record<string, unknown>);
  return list.map((one: unknown, at) => {
    const { name, type } = one as { readonly name?: string; readonly type?: { readonly declaration?: string } };
    const declaration = (type as { declaration?: string } | undefined)?.declaration ?? '';
    return {
      name: name === undefined || name === '' ? `Prop_${at}` : name,
      type: columnType(declaration),
      declaration,
    };
  });
}

function columnType(declaration: string): ColumnType {
  switch (declaration) {
    case 'int':
    case 'smallint':
    case 'tinyint':
      return 'int32';
    case 'bigint':
      return 'int64';
    case 'float':
    case 'real':
      return 'double';
    case 'decimal':
    case 'numeric':
    case 'money':
    case 'smallmoney':
      return 'decimal';
    case 'bit':
      return 'boolean';
    case 'date':
      return 'date';
    case 'datetime':
    case 'datetime2':
    case 'smalldatetime':
    case 'datetimeoffset':
      return 'datetime';
    case 'binary':
    case 'varbinary':
    case 'image':
      return 'bytes';
    default:
      return 'string';
  }
}

function cellOf(value: unknown, declaration: string): Cell {
  if (!(value instanceof Date)) return value ?? null;
  const text = value.toISOString();
  if (declaration === 'date') return text.slice(0, 10);
  // The driver keeps what a Date cannot hold beside it, in seconds.
  const delta = (value as Date & { readonly nanosecondsDelta?: number }).nanosecondsDelta ?? 0;
  const fraction = text.slice(20, 23) + String(Math.round(delta * 1e7)).padStart(4, '0');
  if (declaration === 'time') return `${text.slice(11, 19)}.${fraction}`;
  return `${text.slice(0, 10)} ${text.slice(11, 19)}.${fraction}`;
}

type Batch = readonly (readonly Cell[])[];

/** Hands batches over, and lets the database wait while many are unread. */
function createQueue(request: sql.Request) {
  const MOST_UNREAD = 16;
  const unread: Batch[] = [];
  let ended = false;
  let failed: Error | undefined;
  let wake = (): void => undefined;
  return {
    push(batch: Batch): void {
      unread.push(batch);
      if (unread.length >= MOST_UNREAD) request.pause();
      wake();
    },
    end(): void {
      ended = true;
      wake();
    },
    fail(error: Error): void {
      failed = error;
      wake();
    },
    async *batches(): AsyncGenerator<Batch> {
      try {
        for (;;) {
          if (failed !== undefined) throw failed;
          const batch = unread.shift();
          if (batch !== undefined) {
            if (unread.length === 0) request.resume();
            yield batch;
          } else if (ended) {
            return;
          } else {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
        }
      } finally {
        // Whoever wants no more rows must not leave the connection waiting to send them.
        if (!ended) request.cancel();
      }
    },
  };
}
