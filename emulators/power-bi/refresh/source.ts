import type sql from 'mssql';

/** Where partitions are read from: a Synapse pool or anything else that speaks TDS. */
export interface SourceOptions {
  readonly server: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly encrypt: boolean;
}

/** A connection for the length of one attempt. */
export interface Source {
  /** Runs a query and hands on its rows as they come, columns by name in the given order. */
  read(query: string, columns: readonly string[], onRow: (row: readonly unknown[]) => void): Promise<void>;
  close(): Promise<void>;
}

/**
 * Connects, and begins a transaction so that all partitions are read as of one moment where the source has snapshots.
 * When `signal` aborts, whatever is under way ends at once with its reason, even if the source does not answer any more.
 */
export async function openSource(options: SourceOptions, signal: AbortSignal): Promise<Source> {
  const { ConnectionPool, Request, Transaction } = (await import('mssql')).default; // a third of an idle emulator's memory
  const { encrypt, ...login } = options;
  const pool = new ConnectionPool({
    ...login,
    pool: { max: 1, min: 0 },
    requestTimeout: 0, // the refresh has a limit of its own
    options: { encrypt, trustServerCertificate: true, appName: 'power-bi' },
  });
  pool.on('error', () => undefined); // a connection that is lost shows in what it was doing
  const transaction = new Transaction(pool);
  const close = async (): Promise<void> => {
    await transaction.rollback().catch(() => undefined); // nothing was written, and a lost connection has rolled back
    await pool.close();
  };
  try {
    await unlessAborted(signal, pool.connect());
    await unlessAborted(signal, transaction.begin());
  } catch (error) {
    void close().catch(() => undefined);
    throw error;
  }
  return {
    read: (query, columns, onRow) => readRows(new Request(transaction), query, columns, onRow, signal),
    async close() {
      if (signal.aborted) void close().catch(() => undefined);
      else await unlessAborted(signal, close()).catch(() => undefined); // all rows are there already
    },
  };
}

function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function readRows(
  request: sql.Request,
  query: string,
  columns: readonly string[],
  onRow: (row: readonly unknown[]) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    let places: readonly number[] = [];
    const end = (settle: () => void): void => {
      if (isOver) return; // rows and errors may still come from a query that was cancelled
      isOver = true;
      signal.removeEventListener('abort', abort);
      settle();
    };
    const fail = (error: unknown): void => {
      end(() => reject(error));
      request.cancel();
    };
    const abort = (): void => fail(signal.reason);
    signal.addEventListener('abort', abort);
    request.stream = true;
    request.arrayRowMode = true;
    request.on('recordset', (metadata: Record<string, { index: number; name: string }> | { name: string }[]) => {
      const names = Object.values(metadata).map(({ name }) => name.toLowerCase());
      places = columns.map((column) => names.indexOf(column.toLowerCase()));
      const missing = columns.find((_, index) => places[index] === -1);
      if (missing !== undefined) fail(new Error(`The column '${missing}' does not exist in the rowset.`));
    });
    request.on('row', (row: readonly unknown[]) => {
      if (isOver) return;
      try {
        onRow(places.map((place) => row[place]));
      } catch (error) {
        fail(error);
      }
    });
    request.on('error', (error) => end(() => reject(error)));
    request.on('done', () => end(resolve));
    if (signal.aborted) abort();
    else void request.query(query);
  });
}
