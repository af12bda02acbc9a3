import { DecisionRunner } from './decision-runner.ts';
import type { Entities } from './entities.ts';
import type { Environment } from './environment.ts';
import { answeredTask } from './open-tasks.ts';
import type { InboxItem, Instance, TimerRow } from './records.ts';
import { Rests } from './rests.ts';
import type { Store } from './store.ts';
import { type TaskPorts, TaskScheduler } from './task-scheduler.ts';
import type { DurableProtocol, FailureDetails, HistoryEvent, Parent, RuntimeStatus } from './types.ts';
import { type VersionSettings, verdictOn } from './versions.ts';
import type { WorkLimit } from './work-limit.ts';

/** What the orchestrations need of the rest of the engine. */
export interface OrchestrationPorts {
  readonly environment: Environment;
  /** Runs the turns. */
  readonly work: WorkLimit;
  readonly versions: VersionSettings;
  readonly onVersionRefused: (instanceId: string, version: string | null) => void;
  readonly entities: () => Entities;
  readonly tasks: TaskPorts;
  /** Told after the commit that an instance is over. */
  readonly onOver: (instanceId: string) => void;
}

export interface NewInstance {
  readonly id: string;
  readonly name: string;
  readonly input: string | null;
  readonly version: string | null;
  readonly parent: Parent | null;
}

const isControl = (event: HistoryEvent) =>
  event.type === 'terminated' || event.type === 'suspended' || event.type === 'resumed';

/** The orchestrations that are not over: each has an inbox, and takes its events turn by turn. */
export class Orchestrations {
  readonly tasks: TaskScheduler;
  readonly #store: Store;
  readonly #protocol: DurableProtocol;
  readonly #environment: Environment;
  readonly #ports: OrchestrationPorts;
  readonly #decisions: DecisionRunner;
  readonly #rests: Rests;
  #live = new Map<string, Instance>();
  #closed = false;

  constructor(store: Store, protocol: DurableProtocol, ports: OrchestrationPorts) {
    this.#store = store;
    this.#protocol = protocol;
    this.#environment = ports.environment;
    this.#ports = ports;
    this.tasks = new TaskScheduler(store, ports.tasks);
    this.#rests = new Rests(ports.environment, (instance) => this.#wake(instance));
    this.#decisions = new DecisionRunner({
      environment: ports.environment,
      protocol,
      tasks: this.tasks,
      entities: ports.entities,
      versions: ports.versions,
      orchestrations: this,
    });
  }

  recover(instances: Map<string, Instance>): void {
    this.#live = instances;
    for (const instance of instances.values()) {
      this.#tellRefusal(instance);
      this.#wake(instance);
    }
  }

  close(): void {
    this.#closed = true;
  }

  get(id: string): Instance | undefined {
    return this.#live.get(id);
  }

  /** Whether an instance is suspended, or will be by what its inbox holds; undefined when it is not live. */
  isSuspended(id: string): boolean | undefined {
    const instance = this.#live.get(id);
    const last = instance?.inbox.findLast(({ event }) => event.type === 'suspended' || event.type === 'resumed');
    return last === undefined ? instance?.suspended : last.event.type === 'suspended';
  }

  /** Takes an instance that is not live, as it was read from the disk, back among the live. */
  revive(instance: Instance): void {
    this.#live.set(instance.id, instance);
  }

  /** Starts an instance, in the place of one of the same id that is over. The caller has checked that none is live. */
  start({ id, name, input, parent, ...given }: NewInstance): void {
    const now = this.#environment.now();
    const version = given.version ?? this.#ports.versions.defaultVersion;
    const instance: Instance = {
      seq: this.#store.sequence(),
      id,
      executionId: this.#environment.uuid().replaceAll('-', ''),
      name,
      version,
      status: 'Pending',
      input,
      output: null,
      customStatus: null,
      createdAt: now,
      updatedAt: now,
      parent,
      protocolState: undefined,
      suspended: false,
      history: [],
      nextTurn: 0,
      inbox: [],
      openTasks: new Set(),
      timers: new Map(),
      running: false,
      restsUntil: 0,
      urgent: true,
      wakeUp: undefined,
    };
    this.#live.set(id, instance);
    this.#store.insertInstance(instance);
    this.#tellRefusal(instance);
    this.#enqueue(instance, { type: 'executionStarted', at: now, name, version });
  }

  /** Lets go of a live instance as if it had never been; another of its id takes its place. */
  abandon(instance: Instance): void {
    this.#clear(instance, () => false);
    this.#live.delete(instance.id);
  }

  #tellRefusal({ id, version }: Instance): void {
    if (verdictOn(version, this.#ports.versions) === 'wait') {
      this.#store.afterCommit(() => this.#ports.onVersionRefused(id, version));
    }
  }

  /** Puts an event in the inbox of a live instance, if it is (still) in that execution and waits for it. */
  deliver(instanceId: string, executionId: string | null, event: HistoryEvent): void {
    const instance = this.#live.get(instanceId);
    if (instance !== undefined && (executionId === null || executionId === instance.executionId)) {
      const task = answeredTask(event);
      if (task === undefined || instance.openTasks.delete(task)) {
        this.#enqueue(instance, event);
      }
    }
  }

  fire(timer: TimerRow): void {
    const instance = this.#live.get(timer.instanceId);
    if (instance?.timers.get(timer.taskId) === timer) {
      this.tasks.dropTimer(instance, timer.taskId);
      this.#enqueue(instance, {
        type: 'timerFired',
        at: this.#environment.now(),
        id: timer.taskId,
        fireAt: timer.fireAt,
      });
    }
  }

  #enqueue(instance: Instance, event: HistoryEvent): void {
    const item: InboxItem = { seq: this.#store.sequence(), instanceId: instance.id, event };
    if (event.type === 'executionStarted') {
      instance.inbox.unshift(item);
    } else {
      instance.inbox.push(item);
    }
    this.#store.inbox.insert(item);
    this.#store.touch();
    instance.urgent ||= answeredTask(event) === undefined;
    this.#wake(instance);
  }

  #wake(instance: Instance): void {
    const waits = instance.suspended || verdictOn(instance.version, this.#ports.versions) === 'wait';
    const hasWork = waits ? instance.inbox.some(({ event }) => isControl(event)) : instance.inbox.length > 0;
    if (hasWork && !instance.running && !this.#closed && !this.#rests.lasts(instance)) {
      instance.running = true;
      this.#ports.work.run(() => this.#work(instance));
    }
  }

  async #work(instance: Instance): Promise<void> {
    const isLive = this.#live.get(instance.id) === instance; // Another may have taken its place while it waited.
    if (!this.#closed && isLive && this.#takeControl(instance)) {
      const verdict = verdictOn(instance.version, this.#ports.versions);
      if (instance.inbox.length > 0 && !instance.suspended && verdict === 'run') {
        await this.#turn(instance);
      } else if (verdict === 'fail') {
        this.#failVersion(instance);
      }
    }
    instance.running = false;
    if (this.#live.get(instance.id) === instance) {
      this.#wake(instance);
    }
  }

  /** Terminate, suspend and resume overtake all that waits. False when the instance is over. */
  #takeControl(instance: Instance): boolean {
    for (const item of instance.inbox.filter(({ event }) => isControl(event))) {
      instance.inbox.splice(instance.inbox.indexOf(item), 1);
      this.#store.inbox.remove(item);
      const { event } = item;
      if (event.type === 'terminated') {
        this.#finish(instance, [event], 'Terminated', JSON.stringify(event.reason));
        return false;
      }
      instance.suspended = event.type === 'suspended';
      instance.status = instance.suspended ? 'Suspended' : 'Running';
      this.#record(instance, [event]);
    }
    return true;
  }

  async #turn(instance: Instance): Promise<void> {
    const waiting = instance.inbox.slice(0, 1000).map(({ event }) => event);
    const count = this.#protocol.deliverable(instance.protocolState, waiting);
    const items = instance.inbox.splice(0, Math.max(count, 1));
    instance.urgent = items.length < waiting.length;
    const startedAt = this.#environment.now();
    // Time only moves forward for an orchestration, whatever the clock does.
    const at = Math.max(startedAt, instance.history.at(-1)?.at ?? 0);
    const fresh: HistoryEvent[] = [{ type: 'turnStarted', at }, ...items.map(({ event }) => event)];
    const outcome = await this.#protocol.runTurn({
      instanceId: instance.id,
      name: instance.name,
      input: instance.input,
      parentInstanceId: instance.parent?.instanceId ?? null,
      past: instance.history,
      fresh,
      protocolState: instance.protocolState,
    });
    if (this.#closed) {
      return; // What was not committed happens again at the next start.
    }
    this.#rests.begin(instance, startedAt);
    for (const item of items) {
      this.#store.inbox.remove(item);
    }
    if (this.#live.get(instance.id) !== instance) {
      return; // Another instance took its place meanwhile.
    }
    instance.status = instance.suspended ? 'Suspended' : 'Running';
    instance.protocolState = outcome.protocolState;
    instance.customStatus = outcome.customStatus ?? instance.customStatus;
    const decided = outcome.decisions.flatMap((decision) => this.#decisions.carryOut(instance, decision, at));
    const events = [...fresh, ...decided];
    switch (outcome.end?.kind) {
      case undefined:
        this.#record(instance, [...events, { type: 'turnCompleted', at }]);
        break;
      case 'completed':
        this.#finish(instance, events, 'Completed', outcome.end.output);
        break;
      case 'failed':
        this.#finish(instance, events, 'Failed', JSON.stringify(outcome.end.message), outcome.end.failure);
        break;
      case 'continuedAsNew':
        this.#continueAsNew(instance, outcome.end.input);
        break;
    }
  }

  #failVersion(instance: Instance): void {
    const own = this.#ports.versions.defaultVersion ?? '';
    const message =
      `Orchestration version did not comply with Worker Versioning: the instance has version '${instance.version ?? ''}', ` +
      `and this host runs '${own}' (${this.#ports.versions.match}).`;
    const failure = { ErrorType: 'VersionMismatch', ErrorMessage: message, StackTrace: null, IsNonRetriable: true };
    const started = instance.inbox.flatMap(({ event }) => (event.type === 'executionStarted' ? [event] : []));
    this.#finish(instance, started, 'Failed', JSON.stringify(message), failure);
  }

  #record(instance: Instance, events: readonly HistoryEvent[]): void {
    for (const event of events) {
      instance.history.push(event);
    }
    instance.updatedAt = this.#environment.now();
    this.#store.appendHistory(instance, events);
    this.#store.updateInstance(instance);
  }

  #clear(instance: Instance, keep: (event: HistoryEvent) => boolean): void {
    for (const taskId of [...instance.timers.keys()]) {
      this.tasks.dropTimer(instance, taskId);
    }
    for (const item of instance.inbox.filter(({ event }) => !keep(event))) {
      instance.inbox.splice(instance.inbox.indexOf(item), 1);
      this.#store.inbox.remove(item);
    }
    this.#ports.entities().releaseAll(instance.id);
  }

  #finish(
    instance: Instance,
    events: readonly HistoryEvent[],
    status: RuntimeStatus,
    output: string | null,
    failure?: FailureDetails,
  ): void {
    const at = Math.max(this.#environment.now(), instance.history.at(-1)?.at ?? 0);
    const details = failure === undefined ? {} : { failure };
    instance.status = status;
    instance.output = output;
    instance.suspended = false;
    this.#record(instance, [
      ...events,
      { type: 'executionCompleted', at, status, result: output, ...details },
      { type: 'turnCompleted', at },
    ]);
    this.#clear(instance, () => false);
    this.#live.delete(instance.id);
    this.#store.afterCommit(() => this.#ports.onOver(instance.id));
    if (instance.parent !== null) {
      const { instanceId, executionId, taskId: id } = instance.parent;
      const reason = String(JSON.parse(output ?? '""'));
      this.deliver(
        instanceId,
        executionId,
        status === 'Completed'
          ? { type: 'childCompleted', at, id, result: output }
          : { type: 'childFailed', at, id, reason, details: reason, ...details },
      );
    }
  }

  #continueAsNew(instance: Instance, input: string | null): void {
    this.#clear(instance, (event) => (event.type === 'eventRaised' && event.isResponse !== true) || isControl(event));
    instance.executionId = this.#environment.uuid().replaceAll('-', '');
    instance.openTasks = new Set();
    instance.input = input;
    instance.protocolState = undefined;
    instance.history = [];
    instance.updatedAt = this.#environment.now();
    this.#store.clearHistory(instance);
    this.#store.updateInstance(instance);
    const { name, version } = instance;
    this.#enqueue(instance, { type: 'executionStarted', at: this.#environment.now(), name, version });
  }
}
