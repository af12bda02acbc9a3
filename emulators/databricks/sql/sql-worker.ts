import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readOnlyStorage } from './storage-access.ts';

/** How the Python side of a warehouse is started. */
export interface SqlWorkerOptions {
  readonly python: string;
  readonly catalog: CatalogOptions;
}

/** Where a workspace's tables are. */
export interface CatalogOptions {
  readonly name: string;
  /** URI below which tables are, as `<schema>/<table>`; no root, no tables. */
  readonly root?: string;
  readonly schemas: readonly string[];
}

/** What a worker is told; see sql_worker.py. */
export interface SqlOrder {
  readonly id: string;
  readonly statement: string;
  readonly parameters: readonly object[];
  readonly catalog?: string;
  readonly schema?: string;
  readonly row_limit: number | null;
  readonly byte_limit: number | null;
  readonly chunk_bytes: number;
  readonly inline: boolean;
  readonly format: string;
  readonly folder: string;
}

/** A column, as the manifest tells it. */
export type ColumnInfo = Readonly<Record<string, unknown>>;

export interface ChunkInfo {
  readonly chunk_index: number;
  readonly row_offset: number;
  readonly row_count: number;
  readonly byte_count: number;
}

/** What a worker says of a result. */
export interface SqlResult {
  readonly columns: readonly ColumnInfo[];
  readonly chunks: readonly ChunkInfo[];
  readonly total_row_count: number;
  readonly total_byte_count: number;
  readonly truncated: boolean;
}

export interface SqlFailure {
  readonly error_code: string;
  readonly message: string;
  readonly sql_state?: string;
}

export type SqlOutcome =
  | { readonly kind: 'succeeded'; readonly result: SqlResult }
  | { readonly kind: 'failed'; readonly error: SqlFailure }
  | { readonly kind: 'lost'; readonly reason: string };

/** One process that runs one statement at a time. */
export interface SqlWorker {
  /** Resolves with how the statement ended; `lost` when the process went away under it. */
  run(order: SqlOrder): Promise<SqlOutcome>;
  readonly isAlive: () => boolean;
  /** Ends the process at once, and with it what it runs. */
  kill(): void;
  /** Ends it; resolves when it has gone. */
  close(): Promise<void>;
}

/** Starts a worker; orders may be given before it is ready. */
export function startSqlWorker({ python, catalog }: SqlWorkerOptions): SqlWorker {
  const { DATABRICKS_TOKEN: _secret, SPARK_REMOTE: _other, ...inherited } = process.env;
  const child = spawn(
    python,
    [
      ...['-u', join(import.meta.dirname, 'sql_worker.py'), '--catalog', catalog.name],
      ...['--root', catalog.root ?? '', '--schemas', catalog.schemas.join()],
    ],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...readOnlyStorage(inherited), TZ: 'UTC', RUST_LOG: inherited.RUST_LOG ?? 'warn' },
    },
  );
  let complaints = '';
  let alive = true;
  let waiting: ((outcome: SqlOutcome) => void) | undefined;
  const settle = (outcome: SqlOutcome): void => {
    const resolve = waiting;
    waiting = undefined;
    resolve?.(outcome);
  };
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-2000);
    process.stderr.write(text);
  });
  child.stdin.on('error', () => {}); // A dead worker is reported once, by its end.
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as { event: string; manifest?: SqlResult; error?: SqlFailure }; // Our own process wrote it.
    if (answer.manifest) settle({ kind: 'succeeded', result: answer.manifest });
    else if (answer.error) settle({ kind: 'failed', error: answer.error });
  });
  const gone = new Promise<void>((resolve) => {
    const end = (reason: string): void => {
      alive = false;
      settle({ kind: 'lost', reason });
      resolve();
    };
    child.once('error', (error) => end(`${python}: ${error.message}`));
    child.once('close', (code, signal) => end(complaints.trim() || `Python ended with ${signal ?? code}`));
  });
  return {
    run: (order) =>
      new Promise((resolve) => {
        if (!alive) return resolve({ kind: 'lost', reason: complaints.trim() || 'Python has ended' });
        waiting = resolve;
        child.stdin.write(`${JSON.stringify(order)}\n`);
      }),
    isAlive: () => alive,
    kill: () => void child.kill('SIGKILL'),
    close: () => {
      child.stdin.end();
      child.kill('SIGKILL');
      return gone;
    },
  };
}
