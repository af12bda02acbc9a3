import type { Cancel } from './environment.ts';
import type { HistoryEvent, Parent, RuntimeStatus } from './types.ts';

/** An orchestration that is not over, as it is kept in memory beside its rows. */
export interface Instance {
  /** Its number in the database. */
  readonly seq: number;
  readonly id: string;
  executionId: string;
  readonly name: string;
  readonly version: string | null;
  status: RuntimeStatus;
  input: string | null;
  output: string | null;
  customStatus: string | null;
  readonly createdAt: number;
  updatedAt: number;
  parent: Parent | null;
  protocolState: unknown;
  suspended: boolean;
  history: HistoryEvent[];
  /** The number of the next row of history. */
  nextTurn: number;
  readonly inbox: InboxItem[];
  /**
   * What an answer is still wanted for: ids of activities and children, request ids of entities. An answer counts once,
   * however often it comes.
   */
  openTasks: Set<number | string>;
  /** Timers that have not fired, by task id. */
  readonly timers: Map<number, TimerRow>;
  /** A turn is under way. */
  running: boolean;
  /** Until when it lets answers gather, in milliseconds since 1970. */
  restsUntil: number;
  /** Something waits in the inbox that is no answer, and for which it does not rest. */
  urgent: boolean;
  /** Ends its rest. */
  wakeUp: Cancel | undefined;
}

export interface InboxItem {
  readonly seq: number;
  readonly instanceId: string;
  readonly event: HistoryEvent;
}

export interface ActivityRow {
  readonly seq: number;
  readonly instanceId: string;
  readonly executionId: string;
  readonly taskId: number;
  readonly name: string;
  readonly input: string | null;
}

export interface TimerRow {
  readonly seq: number;
  readonly instanceId: string;
  readonly taskId: number;
  readonly fireAt: number;
}

/** What waits in the queue of an entity. */
export type EntityMessage =
  | {
      readonly kind: 'operation';
      readonly operation: string;
      readonly input: string | null;
      /** Who waits for the answer; null for a signal. */
      readonly caller: EntityCaller | null;
      /** The orchestration that sent it, if one did; it decides who may pass a lock. */
      readonly sender: string | null;
    }
  | {
      readonly kind: 'lock';
      readonly caller: EntityCaller;
      readonly entityIds: readonly string[];
      /** Which of `entityIds` is asked now. */
      readonly position: number;
    };

export interface EntityCaller {
  readonly instanceId: string;
  readonly executionId: string;
  readonly requestId: string;
}

export interface EntityQueueItem {
  readonly seq: number;
  readonly entityId: string;
  readonly message: EntityMessage;
}

export interface Entity {
  /** `@name@key` */
  readonly id: string;
  readonly name: string;
  readonly key: string;
  exists: boolean;
  state: string | null;
  /** Who holds its lock. */
  lockedBy: EntityCaller | null;
  updatedAt: number;
  readonly queue: EntityQueueItem[];
  running: boolean;
}

/** An instance as queries show it. */
export interface InstanceSummary {
  readonly id: string;
  readonly executionId: string;
  readonly name: string;
  readonly status: RuntimeStatus;
  readonly input: string | null;
  readonly output: string | null;
  readonly customStatus: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface InstanceFilter {
  readonly createdFrom?: number;
  readonly createdTo?: number;
  readonly statuses?: readonly RuntimeStatus[];
  readonly idPrefix?: string;
}

/** Splits `@name@key`; undefined when the text is no entity id. */
export function parseEntityId(id: string): { name: string; key: string } | undefined {
  const separator = id.indexOf('@', 1);
  return id.startsWith('@') && separator > 1
    ? { name: id.slice(1, separator), key: id.slice(separator + 1) }
    : undefined;
}

/** The id of an entity; its name counts in lower case, its key as it is. */
export function toEntityId(name: string, key: string): string {
  return `@${name.toLowerCase()}@${key}`;
}
