import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StatementRecord, StatementSpec } from '../domain/statement.ts';
import type { StatementStore } from '../store/statement-store.ts';
import { type SqlOutcome, type SqlWorker, type SqlWorkerOptions, startSqlWorker } from './sql-worker.ts';

/** How a SQL warehouse is set up. */
export interface WarehouseOptions extends SqlWorkerOptions {
  readonly id: string;
  readonly store: StatementStore;
  /** Folder of the results. */
  readonly folder: string;
  /** Statements that run at the same time, each in a process of its own. */
  readonly concurrency: number;
  readonly chunkBytes: number;
  /** STATEMENT_TIMEOUT of the warehouse: a statement that runs longer is ended. */
  readonly timeoutMs: number;
  /** Idle workers end after this time, as a warehouse stops by itself. */
  readonly stopAfterMs: number;
}

/** Runs statements: at most so many at a time, the others wait. */
export interface SqlWarehouse {
  readonly id: string;
  submit(spec: StatementSpec): StatementRecord;
  get(id: string): StatementRecord | undefined;
  /** Resolves when the statement has ended, or after a time; gives it as it then stands. */
  wait(id: string, milliseconds: number): Promise<StatementRecord | undefined>;
  /** Ends a statement; one that has ended stays as it is. */
  cancel(id: string): void;
  chunk(statement: StatementRecord, index: number): Promise<Buffer>;
  state(): { readonly running: boolean; readonly active: number };
  /** Brings up a worker ahead of the first statement. */
  warm(): void;
  /** Lets idle workers go. */
  stop(): void;
  close(): Promise<void>;
}

interface Slot {
  readonly worker: SqlWorker;
  statement: string | undefined;
  idleSince: number;
}

const HOUR_MS = 3_600_000;
const RESULTS_LIVE_MS = HOUR_MS;
const RECORDS_LIVE_MS = 24 * HOUR_MS;
const HOUSEKEEPING_MS = 30_000;
/** A lost worker's statement runs again so often: it only reads. */
const ATTEMPTS = 2;
const EXTENSIONS = { JSON_ARRAY: 'json', CSV: 'csv', ARROW_STREAM: 'arrow' } as const;

/** Starts a warehouse; statements that were under way when it last ended run again. */
export function createWarehouse(options: WarehouseOptions): SqlWarehouse {
  const { store } = options;
  const slots = new Set<Slot>();
  const attempts = new Map<string, number>();
  const listeners = new Map<string, Set<() => void>>();
  let queue: string[] = store.active().map(({ id }) => id);
  let closing = false;
  const housekeeping = setInterval(keepHouse, HOUSEKEEPING_MS).unref();
  const folderOf = (id: string): string => join(options.folder, id);

  function pump(): void {
    if (closing) return;
    while (queue.length > 0) {
      const slot = takeSlot();
      if (slot === undefined) return;
      const [id = ''] = queue;
      queue = queue.slice(1);
      const statement = store.get(id);
      if (statement !== undefined && statement.endTime === 0) void run(slot, statement);
    }
  }

  function takeSlot(): Slot | undefined {
    const free = [...slots].find(({ statement }) => statement === undefined);
    return free ?? (slots.size < options.concurrency ? openSlot() : undefined);
  }

  function openSlot(): Slot {
    const slot = { worker: startSqlWorker(options), statement: undefined, idleSince: Date.now() };
    slots.add(slot);
    return slot;
  }

  async function run(slot: Slot, statement: StatementRecord): Promise<void> {
    const { id, spec } = statement;
    slot.statement = id;
    store.put({ ...statement, state: 'RUNNING' });
    mkdirSync(folderOf(id), { recursive: true });
    const timer = setTimeout(() => timeOut(slot, id), options.timeoutMs).unref();
    const outcome = await slot.worker.run({
      id,
      statement: spec.statement,
      parameters: spec.parameters,
      ...(spec.catalog !== undefined && { catalog: spec.catalog }),
      ...(spec.schema !== undefined && { schema: spec.schema }),
      row_limit: spec.rowLimit ?? null,
      byte_limit: spec.byteLimit ?? null,
      chunk_bytes: options.chunkBytes,
      inline: spec.disposition === 'INLINE',
      format: spec.format,
      folder: folderOf(id),
    });
    clearTimeout(timer);
    slot.statement = undefined;
    slot.idleSince = Date.now();
    if (!slot.worker.isAlive()) slots.delete(slot);
    if (closing) return; // It runs again at the next start.
    conclude(id, outcome);
    pump();
  }

  function conclude(id: string, outcome: SqlOutcome): void {
    const statement = store.get(id);
    if (statement === undefined || statement.endTime > 0) return; // Cancelled meanwhile.
    if (outcome.kind === 'succeeded') end(statement, { state: 'SUCCEEDED', result: outcome.result });
    else if (outcome.kind === 'failed') end(statement, { state: 'FAILED', error: outcome.error });
    else retry(statement, outcome.reason);
  }

  function timeOut(slot: Slot, id: string): void {
    const statement = store.get(id);
    if (statement === undefined || statement.endTime > 0) return;
    const message = `Statement execution exceeded timeout of ${Math.round(options.timeoutMs / 1000)} seconds`;
    end(statement, { state: 'FAILED', error: { error_code: 'DEADLINE_EXCEEDED', message, sql_state: '57KD0' } });
    replace(slot);
  }

  /** Ends a process with what it runs; the next statement should not wait for Python to start. */
  function replace(slot: Slot): void {
    slots.delete(slot);
    slot.worker.kill();
    openSlot();
    pump();
  }

  function retry(statement: StatementRecord, reason: string): void {
    const { id } = statement;
    const made = (attempts.get(id) ?? 0) + 1;
    attempts.set(id, made);
    if (made < ATTEMPTS) queue.unshift(id);
    else {
      const message = `The process of the SQL warehouse ended under the statement: ${reason}`;
      end(statement, { state: 'FAILED', error: { error_code: 'INTERNAL_ERROR', message } });
    }
  }

  function end(statement: StatementRecord, how: Pick<StatementRecord, 'state' | 'result' | 'error'>): void {
    store.put({ ...statement, ...how, endTime: Date.now() });
    attempts.delete(statement.id);
    for (const listener of listeners.get(statement.id) ?? []) listener();
    listeners.delete(statement.id);
  }

  function keepHouse(): void {
    const now = Date.now();
    for (const statement of store.endedBefore(now - RESULTS_LIVE_MS)) {
      if (statement.state !== 'CLOSED') {
        rmSync(folderOf(statement.id), { recursive: true, force: true });
        const { result: _gone, ...rest } = statement;
        store.put({ ...rest, state: statement.state === 'SUCCEEDED' ? 'CLOSED' : statement.state });
      }
      if (statement.endTime < now - RECORDS_LIVE_MS) store.delete(statement.id);
    }
    stopIdle(now - options.stopAfterMs);
  }

  function stopIdle(before: number): void {
    for (const slot of slots) {
      if (slot.statement !== undefined || slot.idleSince > before) continue;
      slots.delete(slot);
      void slot.worker.close();
    }
  }

  setImmediate(pump);
  return {
    id: options.id,
    submit: (spec) => {
      const statement: StatementRecord = {
        id: newId(),
        spec,
        state: 'PENDING',
        createdTime: Date.now(),
        endTime: 0,
        secret: randomBytes(18).toString('base64url'),
      };
      store.put(statement);
      queue.push(statement.id);
      pump();
      return statement;
    },
    get: (id) => store.get(id),
    wait: async (id, milliseconds) => {
      const statement = store.get(id);
      if (statement === undefined || statement.endTime > 0 || milliseconds <= 0) return statement;
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          listeners.get(id)?.delete(done);
          resolve();
        };
        const timer = setTimeout(done, milliseconds).unref();
        listeners.set(id, (listeners.get(id) ?? new Set()).add(done));
      });
      return store.get(id);
    },
    cancel: (id) => {
      const statement = store.get(id);
      if (statement === undefined || statement.endTime > 0) return;
      queue = queue.filter((waiting) => waiting !== id);
      end(statement, { state: 'CANCELED' });
      const slot = [...slots].find((candidate) => candidate.statement === id);
      if (slot !== undefined) replace(slot);
    },
    chunk: ({ id, spec }, index) => readFile(join(folderOf(id), `chunk-${index}.${EXTENSIONS[spec.format]}`)),
    state: () => ({
      running: slots.size > 0,
      active: [...slots].filter(({ statement }) => statement !== undefined).length,
    }),
    warm: () => {
      if (slots.size === 0 && !closing) openSlot();
    },
    stop: () => stopIdle(Number.POSITIVE_INFINITY),
    close: async () => {
      closing = true;
      clearInterval(housekeeping);
      for (const waiting of listeners.values()) for (const done of [...waiting]) done();
      await Promise.all([...slots].map(({ worker }) => worker.close()));
    },
  };
}

/** Ids as the service makes them: UUIDs whose first part grows with time. */
function newId(): string {
  const hex = `01${Date.now().toString(16).padStart(12, '0')}${randomBytes(9).toString('hex')}`;
  return [hex.slice(0, 8), hex.slice(8, 12), `1${hex.slice(13, 16)}`, hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
