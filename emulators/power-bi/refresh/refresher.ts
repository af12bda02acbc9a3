import { createHash, randomUUID } from 'node:crypto';
import type { RunSql } from '../dax/table-query.ts';
import type { Model } from '../model/model.ts';
import type { Snapshots } from '../snapshot/snapshots.ts';
import type { RefreshStore, SnapshotPointer } from '../store/refresh-store.ts';
import { loadSnapshot } from './load-snapshot.ts';
import type { Refresh, RefreshObject, RefreshRequest, Service } from './refresh.ts';
import { openSource, type SourceOptions } from './source.ts';

export interface RefresherOptions {
  readonly service: Service;
  readonly model: Model;
  readonly source: SourceOptions;
  readonly store: RefreshStore;
  readonly snapshots: Snapshots;
}

/** Why a refresh is stopped before its end. */
type Stop = 'cancel' | 'timeout' | 'close';

/** Runs a service's refreshes, one at a time, and shows their data. */
export class Refresher {
  readonly #options: RefresherOptions;
  readonly #shape: string;
  #active: { readonly id: string; readonly stop: (why: Stop) => void; readonly ended: Promise<void> } | undefined;

  constructor(options: RefresherOptions) {
    this.#options = options;
    this.#shape = shapeOf(options.model);
  }

  /** Clears what a crash left behind, and goes on with a refresh that it interrupted, under its id, as a further attempt. */
  async recover(): Promise<void> {
    const { store, snapshots, service } = this.#options;
    await snapshots.keepOnly(this.shown()?.name);
    const interrupted = store.running(service);
    if (interrupted !== undefined) this.#run(interrupted);
  }

  /** The snapshot that is shown; undefined before the first refresh, and after a change of the model's tables. */
  shown(): SnapshotPointer | undefined {
    const pointer = this.#options.store.snapshot(this.#options.service);
    return pointer?.shape === this.#shape ? pointer : undefined;
  }

  /** Reads the shown snapshot; undefined when there is none. */
  async read<T>(work: (run: RunSql) => Promise<T>): Promise<T | undefined> {
    const pointer = this.shown();
    return pointer === undefined ? undefined : this.#options.snapshots.read(pointer.name, work);
  }

  /** Accepts a refresh and begins it; undefined when one is running. */
  start(request: RefreshRequest): Refresh | undefined {
    const { store, service } = this.#options;
    if (store.running(service) !== undefined) return undefined;
    const refresh: Refresh = {
      id: randomUUID(),
      service,
      request,
      status: 'InProgress',
      startTime: new Date().toISOString(),
      attempts: [],
      done: [],
    };
    store.add(refresh);
    this.#run(refresh);
    return refresh;
  }

  /** Asks a refresh to stop and waits until it has; what it had not committed is gone. */
  async cancel(id: string): Promise<void> {
    const active = this.#active;
    if (active?.id !== id) return;
    active.stop('cancel');
    await active.ended;
  }

  /** Stops at once; the next start goes on with what was running. */
  async close(): Promise<void> {
    const active = this.#active;
    active?.stop('close');
    await active?.ended;
    this.#options.snapshots.close();
  }

  #run(refresh: Refresh): void {
    const controller = new AbortController();
    const stop = (why: Stop): void => controller.abort(why);
    const ended = this.#attempts(refresh, controller.signal)
      .catch((error) => {
        process.stderr.write(
          `power-bi emulator: refresh ${refresh.id}: ${error instanceof Error ? error.stack : error}\n`,
        );
      })
      .finally(() => {
        if (this.#active?.id === refresh.id) this.#active = undefined;
      });
    this.#active = { id: refresh.id, stop, ended };
  }

  /** Attempts until one succeeds, none is left, or the refresh is stopped. */
  async #attempts(refresh: Refresh, stopped: AbortSignal): Promise<void> {
    const { store } = this.#options;
    let current = refresh;
    for (let attempt = current.attempts.length + 1; ; attempt += 1) {
      const startTime = new Date().toISOString();
      const timeout = AbortSignal.timeout(current.request.timeoutMilliseconds);
      const earlier = current.attempts;
      current = { ...current, attempts: [...earlier, { attemptId: attempt, startTime }] };
      store.save(current);
      try {
        current = await this.#attempt(current, AbortSignal.any([stopped, timeout]));
        return;
      } catch (error) {
        if (stopped.reason === 'close') return;
        const endTime = new Date().toISOString();
        const message = failure(error, stopped, timeout);
        // What partialBatch has committed stays.
        current = store.find(current.service, current.id) ?? current;
        current = { ...current, attempts: [...earlier, { attemptId: attempt, startTime, endTime, message }], message };
        if (stopped.aborted) return store.save({ ...current, status: 'Cancelled', endTime });
        if (attempt > current.request.retryCount) {
          return store.save({ ...current, status: timeout.aborted ? 'TimedOut' : 'Failed', endTime });
        }
        store.save(current);
      }
    }
  }

  async #attempt(refresh: Refresh, signal: AbortSignal): Promise<Refresh> {
    const { objects, commitMode } = refresh.request;
    const open = objects.filter(
      ({ table, partition }) => !refresh.done.some((one) => one.table === table && one.partition === partition),
    );
    const batches = commitMode === 'transactional' || open.length === 0 ? [open] : open.map((one) => [one]);
    let current = refresh;
    for (const [index, batch] of batches.entries()) {
      current = await this.#commitBatch(current, batch, index === batches.length - 1, signal);
    }
    return current;
  }

  /** Loads some objects into a new snapshot and shows it in place of the last, all in one step. */
  async #commitBatch(
    refresh: Refresh,
    batch: readonly RefreshObject[],
    last: boolean,
    signal: AbortSignal,
  ): Promise<Refresh> {
    const { model, snapshots, store, source } = this.#options;
    const previous = this.shown()?.name;
    const { type } = refresh.request;
    // What is loaded already needs no automatic refresh.
    const objects = type === 'automatic' && previous !== undefined ? [] : batch;
    const name = `snapshot_${randomUUID().replaceAll('-', '')}`;
    const builder = await snapshots.begin(name);
    try {
      signal.throwIfAborted();
      const plan = { model, type, objects, ...(previous !== undefined && { previous }) };
      await loadSnapshot(plan, builder, () => openSource(source, signal));
      signal.throwIfAborted();
    } catch (error) {
      await builder.discard();
      throw error;
    }
    await builder.commit();
    const loadedAt = new Date().toISOString();
    const done = [...refresh.done, ...batch];
    const attempts = refresh.attempts.map((one, index) =>
      last && index === refresh.attempts.length - 1 ? { ...one, endTime: loadedAt } : one,
    );
    const { message: _, ...rest } = refresh;
    const current: Refresh = last
      ? { ...rest, done, attempts, status: 'Completed', endTime: loadedAt }
      : { ...refresh, done, attempts };
    store.save(current, { name, shape: this.#shape, loadedAt });
    await snapshots.keepOnly(name);
    return current;
  }
}

function failure(error: unknown, stopped: AbortSignal, timeout: AbortSignal): string {
  if (stopped.aborted) return 'The refresh was cancelled.';
  if (timeout.aborted) return 'The refresh did not end within its timeout.';
  return error instanceof Error ? error.message : String(error);
}

/** A digest of what a snapshot depends on; measures may change without a refresh. */
function shapeOf(model: Model): string {
  const shape = model.tables.map(({ name, columns, partitions }) => ({ name, columns, partitions }));
  return createHash('sha256').update(JSON.stringify(shape)).digest('hex');
}
