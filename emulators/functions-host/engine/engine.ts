import type { DatabaseSync } from 'node:sqlite';
import { ActivityPool } from './activity-pool.ts';
import { Entities } from './entities.ts';
import { type Environment, systemEnvironment } from './environment.ts';
import { InstanceBrowser } from './instance-browser.ts';
import { Orchestrations } from './orchestrations.ts';
import { Queries } from './queries.ts';
import { ReadyQueue } from './ready-queue.ts';
import { type ActivityRow, type InstanceSummary, toEntityId } from './records.ts';
import { recover } from './recovery.ts';
import { rewind } from './rewind.ts';
import { Store } from './store.ts';
import { TimerQueue } from './timer-queue.ts';
import type { ActivityOutcome, DurableProtocol, HistoryEvent } from './types.ts';
import { unversioned, type VersionSettings } from './versions.ts';
import { WorkLimit } from './work-limit.ts';

export interface EngineOptions {
  /** With the tables of `prepareSchema`. */
  readonly database: DatabaseSync;
  readonly protocol: DurableProtocol;
  readonly maxConcurrentActivities: number;
  readonly maxConcurrentOrchestrations?: number;
  readonly maxConcurrentEntities?: number;
  readonly maxEntityOperationBatchSize: number;
  /** Which versions of orchestrations may run here; the default is those without one. */
  readonly versions?: VersionSettings;
  /** Told of instances that wait for a host of another version. */
  readonly onVersionRefused?: (instanceId: string, version: string | null) => void;
  /** Whether a new instance may take the place of one of the same id that is not over. */
  readonly replacesRunning?: boolean;
  /** Called when a commit failed: the process must end, and the next one goes on from what is on disk. */
  readonly onFatal: (error: unknown) => void;
  /** The default is the system's. */
  readonly environment?: Environment;
}

/** What became of a request about an instance. */
export type Answer = 'done' | 'notFound' | 'over' | 'unchanged' | 'notFailed' | 'running';

/**
 * Durable orchestrations, activities, timers and entities over one SQLite file. All that a turn changes is committed in
 * one transaction, and what it causes outside (activities, answers to callers) happens only after that.
 */
export class DurableEngine {
  readonly queries: Queries;
  /** What people look at. */
  readonly browser: InstanceBrowser;
  readonly #store: Store;
  readonly #protocol: DurableProtocol;
  readonly #environment: Environment;
  readonly #timers: TimerQueue;
  readonly #activities: ActivityPool;
  readonly #entities: Entities;
  readonly #orchestrations: Orchestrations;
  readonly #replacesRunning: boolean;
  readonly #waiters = new Map<string, Set<() => void>>();
  #closed = false;

  constructor(options: EngineOptions) {
    const { protocol, environment = systemEnvironment } = options;
    const ready = new ReadyQueue(environment);
    const limitedTo = (limit = Number.POSITIVE_INFINITY) =>
      new WorkLimit(ready, limit, (error) => this.#store.fail(error));
    this.#protocol = protocol;
    this.#environment = environment;
    this.#replacesRunning = options.replacesRunning ?? false;
    this.#store = new Store(options.database, environment, options.onFatal);
    this.queries = new Queries(this.#store);
    this.browser = new InstanceBrowser(this.#store);
    this.#activities = new ActivityPool(protocol, options.maxConcurrentActivities, (activity, outcome) =>
      this.#activityDone(activity, outcome),
    );
    this.#timers = new TimerQueue(environment, (timer) => this.#orchestrations.fire(timer));
    this.#orchestrations = new Orchestrations(this.#store, protocol, {
      environment,
      work: limitedTo(options.maxConcurrentOrchestrations),
      versions: options.versions ?? unversioned,
      onVersionRefused: options.onVersionRefused ?? (() => undefined),
      entities: () => this.#entities,
      tasks: {
        startActivity: (activity) => this.#activities.add(activity),
        startTimer: (timer) => this.#timers.add(timer),
      },
      onOver: (instanceId) => this.#tellWaiters(instanceId),
    });
    this.#entities = new Entities(
      this.#store,
      protocol,
      limitedTo(options.maxConcurrentEntities),
      environment,
      options.maxEntityOperationBatchSize,
      ({ instanceId, requestId }, input) =>
        // Found by the request alone: an execution that was rewound still waits for it.
        this.#orchestrations.deliver(instanceId, null, {
          type: 'eventRaised',
          at: environment.now(),
          name: requestId,
          input,
          isResponse: true,
        }),
    );
  }

  /** Goes on with all that was under way when the last host on this file ended. */
  start(): { instances: number; activities: number; timers: number } {
    const recovered = recover(this.#store);
    this.#orchestrations.recover(recovered.instances);
    this.#entities.recover(recovered.entities);
    for (const timer of recovered.timers) {
      this.#timers.add(timer);
    }
    for (const activity of recovered.activities) {
      this.#activities.add(activity);
    }
    const { instances, activities, timers } = recovered;
    return { instances: instances.size, activities: activities.length, timers: timers.length };
  }

  /** Starts no more activities, while what runs may still end. */
  drain(): void {
    this.#activities.pause();
  }

  get runningActivities(): number {
    return this.#activities.running;
  }

  /** Commits what is done and stops. Activities that still run are dropped, and run again at the next start. */
  close(): void {
    this.#closed = true;
    this.#timers.close();
    this.#activities.close();
    this.#entities.close();
    this.#orchestrations.close();
    this.#store.flush();
  }

  /** How many transactions there were. */
  get commits(): number {
    return this.#store.commits;
  }

  /**
   * Starts an orchestration; undefined when one of that id is not over. Without a version it has the host's own. Resolves
   * once it is on disk.
   */
  async startInstance(options: {
    name: string;
    input: string | null;
    instanceId?: string;
    version?: string | null;
  }): Promise<string | undefined> {
    const id = options.instanceId ?? this.#environment.uuid().replaceAll('-', '');
    const live = this.#orchestrations.get(id);
    if (live !== undefined) {
      if (!this.#replacesRunning) {
        return undefined;
      }
      this.#orchestrations.abandon(live);
    }
    const { name, input, version = null } = options;
    this.#orchestrations.start({ id, name, input, version, parent: null });
    await this.#store.committed();
    return id;
  }

  async raiseEvent(instanceId: string, name: string, input: string | null): Promise<Answer> {
    return this.#tell(instanceId, { type: 'eventRaised', at: this.#environment.now(), name, input });
  }

  async terminate(instanceId: string, reason: string): Promise<Answer> {
    return this.#tell(instanceId, { type: 'terminated', at: this.#environment.now(), reason });
  }

  /** Gives `unchanged` when it is suspended already. */
  async suspend(instanceId: string, reason: string): Promise<Answer> {
    return this.#orchestrations.isSuspended(instanceId) === true
      ? 'unchanged'
      : this.#tell(instanceId, { type: 'suspended', at: this.#environment.now(), reason });
  }

  /** Gives `unchanged` when it is not suspended. */
  async resume(instanceId: string, reason: string): Promise<Answer> {
    return this.#orchestrations.isSuspended(instanceId) === false
      ? 'unchanged'
      : this.#tell(instanceId, { type: 'resumed', at: this.#environment.now(), reason });
  }

  /** Has a failed instance try again what failed; what succeeded stays. */
  async rewind(instanceId: string, reason: string): Promise<Answer> {
    const answer = await rewind(instanceId, reason, {
      environment: this.#environment,
      store: this.#store,
      protocol: this.#protocol,
      orchestrations: this.#orchestrations,
      entities: this.#entities,
    });
    await this.#store.committed();
    return answer;
  }

  /** Queues a one-way operation. Resolves once it is on disk. */
  async signalEntity(name: string, key: string, operation: string, input: string | null): Promise<void> {
    this.#entities.send(toEntityId(name, key), { kind: 'operation', operation, input, caller: null, sender: null });
    await this.#store.committed();
  }

  /** Removes an instance that is over with its history. */
  async purge(instanceId: string): Promise<Answer> {
    const summary = this.queries.instance(instanceId);
    if (summary === undefined) {
      return 'notFound';
    }
    if (this.#orchestrations.get(instanceId) !== undefined) {
      return 'running';
    }
    this.#store.purge([instanceId]);
    await this.#store.committed();
    return 'done';
  }

  /** Removes an entity with its state. Gives `running` while it is locked or has operations to do. */
  async purgeEntity(entityId: string): Promise<Answer> {
    const outcome = this.#entities.purge(entityId);
    if (outcome === 'done') {
      await this.#store.committed();
    }
    return outcome;
  }

  /** The instance once it is over, or as it is when the time is up; undefined when there is none. */
  async waitUntilOver(instanceId: string, timeoutMs: number): Promise<InstanceSummary | undefined> {
    if (this.#orchestrations.get(instanceId) !== undefined) {
      await new Promise<void>((resolve) => {
        const waiters = this.#waiters.get(instanceId) ?? new Set();
        this.#waiters.set(instanceId, waiters);
        const done = () => {
          cancelTimeout();
          waiters.delete(done);
          resolve();
        };
        const cancelTimeout = this.#environment.after(timeoutMs, done);
        waiters.add(done);
      });
    } else {
      this.#store.flush(); // It may be over, and its end not on disk yet.
    }
    return this.queries.instance(instanceId);
  }

  #tellWaiters(instanceId: string): void {
    for (const done of [...(this.#waiters.get(instanceId) ?? [])]) {
      done();
    }
    this.#waiters.delete(instanceId);
  }

  async #tell(instanceId: string, event: HistoryEvent): Promise<Answer> {
    if (this.#orchestrations.get(instanceId) === undefined) {
      return this.queries.instance(instanceId) === undefined ? 'notFound' : 'over';
    }
    this.#orchestrations.deliver(instanceId, null, event);
    await this.#store.committed();
    return 'done';
  }

  #activityDone(activity: ActivityRow, outcome: ActivityOutcome): void {
    if (this.#closed) {
      return;
    }
    this.#store.activities.remove(activity);
    this.#store.touch();
    const { instanceId, executionId, taskId: id } = activity;
    const at = this.#environment.now();
    this.#orchestrations.deliver(
      instanceId,
      executionId,
      outcome.ok
        ? { type: 'activityCompleted', at, id, result: outcome.result }
        : {
            type: 'activityFailed',
            at,
            id,
            reason: outcome.reason,
            details: outcome.details,
            ...(outcome.failure === undefined ? {} : { failure: outcome.failure }),
          },
    );
  }
}
