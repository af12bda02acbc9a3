import { parseToken, toToken } from './page-token.ts';
import type { Entity, InstanceFilter, InstanceSummary } from './records.ts';
import { readEntity, readHistoryOf, toSummary } from './recovery.ts';
import type { Store } from './store.ts';
import type { HistoryEvent } from './types.ts';

export interface Page<T> {
  readonly items: readonly T[];
  /** What `after` takes to have the next page; absent on the last. */
  readonly next?: string;
}

/** A text that sorts after all that start with `prefix`. */
const beyond = (prefix: string) => `${prefix}\u{10FFFF}`;

/** Reads what is on disk, so that nobody sees a state that a crash could undo. */
export class Queries {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  instance(id: string): InstanceSummary | undefined {
    const row = this.#store.statement('SELECT * FROM instances WHERE id = ?').get(id);
    return row === undefined ? undefined : toSummary(row);
  }

  history(id: string): HistoryEvent[] {
    return readHistoryOf(this.#store, id);
  }

  /** Instances by the time of their creation, the oldest first. */
  instances(filter: InstanceFilter, limit: number, after?: string): Page<InstanceSummary> {
    const statuses = filter.statuses ?? [];
    const marks = statuses.map(() => '?').join(', ');
    const rows = this.#store
      .statement(
        `SELECT * FROM instances
         WHERE created_at >= ? AND created_at <= ? AND id >= ? AND id < ? AND (created_at, id) > (?, ?)
         ${statuses.length > 0 ? `AND status IN (${marks})` : ''}
         ORDER BY created_at, id LIMIT ?`,
      )
      .all(
        filter.createdFrom ?? 0,
        filter.createdTo ?? Number.MAX_SAFE_INTEGER,
        filter.idPrefix ?? '',
        beyond(filter.idPrefix ?? ''),
        ...parseToken(after, [-1, '']),
        ...statuses,
        limit + 1,
      );
    const items = rows.slice(0, limit).map(toSummary);
    const last = items.at(-1);
    return rows.length > limit && last !== undefined ? { items, next: toToken([last.createdAt, last.id]) } : { items };
  }

  /** The entity, if it exists. */
  entity(id: string): Entity | undefined {
    const entity = readEntity(this.#store, id);
    return entity.exists ? entity : undefined;
  }

  /** Entities that exist, of one name or all, by id. */
  entities(
    filter: { readonly name?: string; readonly from?: number; readonly to?: number },
    limit: number,
    after = '',
  ): Page<Entity> {
    const prefix = filter.name === undefined ? '@' : `@${filter.name.toLowerCase()}@`;
    const rows = this.#store
      .statement(
        `SELECT id FROM entities
         WHERE present = 1 AND id >= ? AND id < ? AND id > ? AND updated_at >= ? AND updated_at <= ?
         ORDER BY id LIMIT ?`,
      )
      .all(prefix, beyond(prefix), after, filter.from ?? 0, filter.to ?? Number.MAX_SAFE_INTEGER, limit + 1);
    const items = rows.slice(0, limit).map((row) => readEntity(this.#store, String(row.id)));
    const last = items.at(-1);
    return rows.length > limit && last !== undefined ? { items, next: last.id } : { items };
  }
}
