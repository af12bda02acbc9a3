import sql from 'mssql';

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
 * When `signal` aborts, what is being read is cancelled.
 */
export async function openSource(options: SourceOptions, signal: AbortSignal): Promise<Source> {
  const { encrypt, ...login } = options;
  const pool = new sql.ConnectionPool({
    ...login,
    pool: { max: 1, min: 0 },
    requestTimeout: 0, // the refresh has a limit of its own
    options: { encrypt, trustServerCertificate: true, appName: 'power-bi' },
  });
  await pool.connect();
  const transaction = new sql.Transaction(pool);
  try {
    await transaction.begin();
  } catch (error) {
    await pool.close();
    throw error;
  }
  return {
    read: (query, columns, onRow) => readRows(new sql.Request(transaction), query, columns, onRow, signal),
    async close() {
      await transaction.rollback().catch(() => undefined); // nothing was written; a lost connection has rolled back
      await pool.close();
    },
  };
}

function readRows(
  request: sql.Request,
  query: string,
  columns: readonly string[],
  onRow: (row: readonly unknown[]) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let failure: unknown;
    let places: readonly number[] = [];
    const cancel = (): void => void request.cancel();
    const fail = (error: unknown): void => {
      failure ??= error;
    };
    signal.addEventListener('abort', cancel);
    request.stream = true;
    request.arrayRowMode = true;
    request.on('recordset', (metadata: Record<string, { index: number; name: string }> | { name: string }[]) => {
      const names = Object.values(metadata).map(({ name }) => name.toLowerCase());
      places = columns.map((column) => names.indexOf(column.toLowerCase()));
      const missing = columns.find((_, index) => places[index] === -1);
      if (missing === undefined) return;
      fail(new Error(`The column '${missing}' does not exist in the rowset.`));
      cancel();
    });
    request.on('row', (row: readonly unknown[]) => {
      if (failure !== undefined) return;
      try {
        onRow(places.map((place) => row[place]));
      } catch (error) {
        fail(error);
        cancel();
      }
    });
    request.on('error', fail);
    request.on('done', () => {
      signal.removeEventListener('abort', cancel);
      if (signal.aborted) reject(signal.reason);
      else if (failure === undefined) resolve();
      else reject(failure);
    });
    void request.query(query);
    if (signal.aborted) cancel();
  });
}
