import { type InstancePosition, parseToken, toToken } from './page-token.ts';
import type { Page } from './queries.ts';
import type { InstanceSummary } from './records.ts';
import { parseEntityId } from './records.ts';
import { readHistoryOf, toSummary } from './recovery.ts';
import type { Store } from './store.ts';
import type { HistoryEvent, Parent, RuntimeStatus } from './types.ts';

/** What people look for among instances. */
export interface BrowseFilter {
  readonly statuses: readonly RuntimeStatus[];
  /** Absent: any. */
  readonly name?: string;
  readonly idPrefix?: string;
  readonly createdFrom?: number;
  readonly createdTo?: number;
}

/** An instance as a list shows it. */
export interface InstanceRow {
  readonly id: string;
  readonly name: string;
  readonly status: RuntimeStatus;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Its first characters. */
  readonly customStatus: string | null;
  readonly parentId: string | null;
}

/** An instance with what its history does not tell. */
export interface InstanceDetails extends InstanceSummary {
  readonly version: string | null;
  readonly parent: Parent | null;
  /** Grows with each turn of an execution. */
  readonly turns: number;
  /** The task ids of timers that will still fire. */
  readonly pendingTimers: ReadonlySet<number>;
  /** How many messages wait for the next turn. */
  readonly waitingMessages: number;
}

/** An entity as a list shows it. */
export interface EntityRow {
  readonly name: string;
  readonly key: string;
  readonly state: string | null;
  readonly updatedAt: number;
  /** The instance that holds its lock. */
  readonly lockedBy: string | null;
  readonly waitingMessages: number;
}

/** How many instances one page looks at at most: nobody else is served meanwhile. */
const longestLook = 20_000;

/** Reads instances and entities for people, who want the newest first, and names, parents and what is pending. */
export class InstanceBrowser {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * Instances by the time of their creation, the newest first. A page may have few items, or none, and still a next
   * one: each looks at a bounded number of instances.
   */
  instances(filter: BrowseFilter, limit: number, after?: string): Page<InstanceRow> {
    const looked = `
      SELECT id, name, status, created_at, updated_at, parent, custom_status FROM instances
      WHERE created_at >= ? AND created_at <= ? AND (created_at, id) < (?, ?)
      ORDER BY created_at DESC, id DESC LIMIT ${longestLook}`;
    const range = [
      filter.createdFrom ?? 0,
      filter.createdTo ?? Number.MAX_SAFE_INTEGER,
      ...parseToken(after, [Number.MAX_SAFE_INTEGER, '']),
    ];
    const prefix = filter.idPrefix ?? '';
    const rows = this.#store
      .statement(
        `SELECT id, name, status, created_at, updated_at, parent, substr(custom_status, 1, 200) AS custom_status
         FROM (${looked})
         WHERE id >= ? AND id < ? ${filter.name === undefined ? '' : 'AND name = ? COLLATE NOCASE'}
         ${filter.statuses.length > 0 ? `AND status IN (${filter.statuses.map(() => '?').join(', ')})` : ''}
         LIMIT ?`,
      )
      .all(
        ...range,
        prefix,
        `${prefix}\u{10FFFF}`,
        ...(filter.name === undefined ? [] : [filter.name]),
        ...filter.statuses,
        limit + 1,
      );
    const items = rows.slice(0, limit).map(toRow);
    if (rows.length > limit) {
      return { items, next: toToken(placeOf(rows[limit - 1])) };
    }
    const last = this.#store.statement(`${looked} OFFSET ${longestLook - 1}`).get(...range);
    return last === undefined ? { items } : { items, next: toToken(placeOf(last)) };
  }

  instance(id: string): InstanceDetails | undefined {
    const row = this.#store.statement('SELECT * FROM instances WHERE id = ?').get(id);
    if (row === undefined) {
      return undefined;
    }
    const timers = this.#store.statement('SELECT task_id FROM timers WHERE instance_id = ?').all(id);
    return {
      ...toSummary(row),
      version: text(row.version),
      parent: parentOf(row),
      turns: this.#count(
        'SELECT coalesce(max(turn), -1) + 1 AS n FROM history WHERE instance_seq = ?',
        Number(row.seq),
      ),
      pendingTimers: new Set(timers.map((timer) => Number(timer.task_id))),
      waitingMessages: this.#count('SELECT count(*) AS n FROM inbox WHERE instance_id = ?', id),
    };
  }

  history(id: string): HistoryEvent[] {
    return readHistoryOf(this.#store, id);
  }

  status(id: string): RuntimeStatus | undefined {
    const row = this.#store.statement('SELECT status FROM instances WHERE id = ?').get(id);
    return row === undefined ? undefined : (String(row.status) as RuntimeStatus);
  }

  /** Entities that exist, by id. */
  entities(
    filter: { readonly name?: string; readonly keyPrefix?: string },
    limit: number,
    after = '',
  ): Page<EntityRow> {
    const { name, keyPrefix = '' } = filter;
    const prefix = name === undefined ? '@' : `@${name.toLowerCase()}@${keyPrefix}`;
    const rows = this.#store
      .statement(
        `SELECT id, state, updated_at, locked_by FROM entities
         WHERE present = 1 AND id >= ? AND id < ? AND id > ? ORDER BY id LIMIT ?`,
      )
      .all(prefix, `${prefix}\u{10FFFF}`, after, limit + 1);
    const items = rows.slice(0, limit).map((row) => ({
      ...(parseEntityId(String(row.id)) ?? { name: String(row.id), key: '' }),
      state: text(row.state),
      updatedAt: Number(row.updated_at),
      lockedBy: instanceIn(text(row.locked_by)),
      waitingMessages: this.#count('SELECT count(*) AS n FROM entity_queue WHERE entity_id = ?', String(row.id)),
    }));
    return rows.length > limit ? { items, next: String(rows[limit - 1]?.id) } : { items };
  }

  #count(sql: string, id: string | number): number {
    return Number(this.#store.statement(sql).get(id)?.n ?? 0);
  }
}

const text = (value: unknown) => (typeof value === 'string' ? value : null);

function parentOf(row: Readonly<Record<string, unknown>>): Parent | null {
  const parent = text(row.parent);
  return parent === null ? null : (JSON.parse(parent) as Parent);
}

function instanceIn(caller: string | null): string | null {
  return caller === null ? null : (JSON.parse(caller) as { instanceId: string }).instanceId;
}

function toRow(row: Readonly<Record<string, unknown>>): InstanceRow {
  return {
    id: String(row.id),
    name: String(row.name),
    status: String(row.status) as RuntimeStatus,
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
    customStatus: text(row.custom_status),
    parentId: parentOf(row)?.instanceId ?? null,
  };
}

/** The place of a row of `instances` in their order. */
function placeOf(row: Readonly<Record<string, unknown>> | undefined): InstancePosition {
  return [Number(row?.created_at), String(row?.id)];
}
