import { answeredTask, openTasksOf } from './open-tasks.ts';
import type {
  ActivityRow,
  Entity,
  EntityCaller,
  EntityMessage,
  Instance,
  InstanceSummary,
  TimerRow,
} from './records.ts';
import { parseEntityId } from './records.ts';
import type { Store } from './store.ts';
import type { HistoryEvent, Parent, RuntimeStatus } from './types.ts';

const text = (value: unknown) => (typeof value === 'string' ? value : null);

function json<T>(value: unknown): T | null {
  return typeof value === 'string' ? (JSON.parse(value) as T) : null;
}

/** The history of an instance by its number, from its rows, and how many rows there are. */
function readHistory(store: Store, instance: number): { events: HistoryEvent[]; turns: number } {
  const rows = store.statement('SELECT turn, events FROM history WHERE instance_seq = ? ORDER BY turn').all(instance);
  const turns = Number(rows.at(-1)?.turn ?? -1) + 1;
  return { events: rows.flatMap((row) => json<HistoryEvent[]>(row.events) ?? []), turns };
}

/** All events of an instance by its id; none when there is no such instance. */
export function readHistoryOf(store: Store, instanceId: string): HistoryEvent[] {
  const row = store.statement('SELECT seq FROM instances WHERE id = ?').get(instanceId);
  return row === undefined ? [] : readHistory(store, Number(row.seq)).events;
}

export function toSummary(row: Record<string, unknown>): InstanceSummary {
  return {
    id: String(row.id),
    executionId: String(row.execution_id),
    name: String(row.name),
    status: String(row.status) as RuntimeStatus,
    input: text(row.input),
    output: text(row.output),
    customStatus: text(row.custom_status),
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
  };
}

/** One instance with all that a turn needs, over or not; undefined when there is none. Its inbox and timers are empty. */
export function readInstance(store: Store, instanceId: string): Instance | undefined {
  const row = store.statement('SELECT * FROM instances WHERE id = ?').get(instanceId);
  return row === undefined ? undefined : toInstance(store, row);
}

function toInstance(store: Store, row: Record<string, unknown>): Instance {
  const seq = Number(row.seq);
  const history = readHistory(store, seq);
  return {
    seq,
    ...toSummary(row),
    version: text(row.version),
    parent: json<Parent>(row.parent),
    protocolState: json<unknown>(row.protocol_state) ?? undefined,
    suspended: row.suspended === 1,
    history: history.events,
    nextTurn: history.turns,
    inbox: [],
    openTasks: openTasksOf(history.events),
    timers: new Map(),
    running: false,
    restsUntil: 0,
    urgent: true,
    wakeUp: undefined,
  };
}

/** An entity as it is on disk, or a new one that does not exist yet. Its queue is empty. */
export function readEntity(store: Store, id: string): Entity {
  const row = store.statement('SELECT * FROM entities WHERE id = ?').get(id);
  return {
    id,
    ...(parseEntityId(id) ?? { name: id, key: '' }),
    exists: row?.present === 1,
    state: text(row?.state),
    lockedBy: json<EntityCaller>(row?.locked_by),
    updatedAt: Number(row?.updated_at ?? 0),
    queue: [],
    running: false,
  };
}

/** All that was under way when the last host ended, however it ended. */
export interface Recovered {
  readonly instances: Map<string, Instance>;
  readonly activities: ActivityRow[];
  readonly timers: TimerRow[];
  readonly entities: Map<string, Entity>;
}

/** Reads all that is not over. */
export function recover(store: Store): Recovered {
  const instances = new Map<string, Instance>();
  const alive = "SELECT * FROM instances WHERE status NOT IN ('Completed', 'Failed', 'Terminated') ORDER BY seq";
  for (const row of store.statement(alive).all()) {
    const instance = toInstance(store, row);
    instances.set(instance.id, instance);
  }
  for (const row of store.statement('SELECT * FROM inbox ORDER BY seq').all()) {
    const item = {
      seq: Number(row.seq),
      instanceId: String(row.instance_id),
      event: JSON.parse(String(row.event)) as HistoryEvent,
    };
    const instance = instances.get(item.instanceId);
    const answered = answeredTask(item.event);
    if (answered !== undefined) {
      instance?.openTasks.delete(answered);
    }
    if (item.event.type === 'executionStarted') {
      instance?.inbox.unshift(item); // A new execution starts before it hears of what waited for it.
    } else {
      instance?.inbox.push(item);
    }
  }
  const timers = store
    .statement('SELECT * FROM timers ORDER BY seq')
    .all()
    .map((row) => ({
      seq: Number(row.seq),
      instanceId: String(row.instance_id),
      taskId: Number(row.task_id),
      fireAt: Number(row.fire_at),
    }));
  for (const timer of timers) {
    instances.get(timer.instanceId)?.timers.set(timer.taskId, timer);
  }
  const activities = store
    .statement('SELECT * FROM activities ORDER BY seq')
    .all()
    .map((row) => ({
      seq: Number(row.seq),
      instanceId: String(row.instance_id),
      executionId: String(row.execution_id),
      taskId: Number(row.task_id),
      name: String(row.name),
      input: text(row.input),
    }));
  return { instances, activities, timers, entities: recoverEntities(store) };
}

function recoverEntities(store: Store): Map<string, Entity> {
  const entities = new Map<string, Entity>();
  const load = (id: string) => {
    const entity = entities.get(id) ?? readEntity(store, id);
    entities.set(id, entity);
    return entity;
  };
  for (const row of store.statement('SELECT id FROM entities WHERE locked_by IS NOT NULL').all()) {
    load(String(row.id));
  }
  for (const row of store.statement('SELECT * FROM entity_queue ORDER BY seq').all()) {
    const entity = load(String(row.entity_id));
    const message = JSON.parse(String(row.message)) as EntityMessage;
    entity.queue.push({ seq: Number(row.seq), entityId: entity.id, message });
  }
  return entities;
}
