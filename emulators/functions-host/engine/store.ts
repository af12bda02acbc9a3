import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Cancel, Environment } from './environment.ts';
import type { ActivityRow, Entity, EntityQueueItem, InboxItem, Instance, TimerRow } from './records.ts';
import { RowBuffer } from './row-buffer.ts';
import type { HistoryEvent } from './types.ts';

type HistoryChange =
  | { readonly kind: 'clear'; readonly instance: number }
  | { readonly kind: 'append'; readonly instance: number; readonly turn: number; readonly events: string };

const orNull = (value: unknown) => (value === null || value === undefined ? null : JSON.stringify(value));

/**
 * Gathers what changed and writes it in one transaction. Nothing that the engine does may show outside before the
 * commit that holds it: `afterCommit` is the only way out.
 */
export class Store {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #newInstances = new Map<string, Instance>();
  readonly #instances = new Map<string, Instance>();
  readonly #entities = new Set<Entity>();
  readonly #history: HistoryChange[] = [];
  readonly #purged: string[] = [];
  readonly inbox = new RowBuffer<InboxItem>();
  readonly activities = new RowBuffer<ActivityRow>();
  readonly timers = new RowBuffer<TimerRow>();
  readonly entityQueue = new RowBuffer<EntityQueueItem>();
  readonly #environment: Environment;
  readonly #onFatal: (error: unknown) => void;
  #afterCommit: (() => void)[] = [];
  #cancelFlush: Cancel | undefined;
  #dirty = false;
  #failed = false;
  #nextSeq: number;
  commits = 0;

  constructor(database: DatabaseSync, environment: Environment, onFatal: (error: unknown) => void) {
    this.#database = database;
    this.#environment = environment;
    this.#onFatal = onFatal;
    const highest = ['instances', 'inbox', 'activities', 'timers', 'entity_queue'].map((table) => {
      return Number(database.prepare(`SELECT coalesce(max(seq), 0) AS seq FROM ${table}`).get()?.seq ?? 0);
    });
    this.#nextSeq = Math.max(...highest) + 1;
  }

  sequence(): number {
    return this.#nextSeq++;
  }

  statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  insertInstance(instance: Instance): void {
    // It may take the place of one of the same id that is over, and of which nothing may stay.
    const previous = this.#newInstances.get(instance.id) ?? this.#instances.get(instance.id);
    if (previous !== undefined) {
      this.#history.push({ kind: 'clear', instance: previous.seq });
    }
    this.#instances.delete(instance.id);
    this.#newInstances.set(instance.id, instance);
    this.touch();
  }

  updateInstance(instance: Instance): void {
    this.#instances.set(instance.id, instance);
    this.touch();
  }

  saveEntity(entity: Entity): void {
    this.#entities.add(entity);
    this.touch();
  }

  appendHistory(instance: Instance, events: readonly HistoryEvent[]): void {
    const turn = instance.nextTurn++;
    this.#history.push({ kind: 'append', instance: instance.seq, turn, events: JSON.stringify(events) });
    this.touch();
  }

  clearHistory(instance: Instance): void {
    instance.nextTurn = 0;
    this.#history.push({ kind: 'clear', instance: instance.seq });
    this.touch();
  }

  /** Removes instances that are over. */
  purge(instanceIds: readonly string[]): void {
    for (const id of instanceIds) {
      const changed = this.#newInstances.get(id) ?? this.#instances.get(id);
      if (changed !== undefined) {
        this.#history.push({ kind: 'clear', instance: changed.seq });
        this.#newInstances.delete(id);
        this.#instances.delete(id);
      }
      this.#purged.push(id);
    }
    this.touch();
  }

  /** Makes sure that a commit comes, after the work that is ready now. */
  touch(): void {
    this.#dirty = true;
    this.#cancelFlush ??= this.#environment.soon(() => this.flush());
  }

  /** Calls back once all that changed so far is on disk. */
  afterCommit(callback: () => void): void {
    this.#afterCommit.push(callback);
    this.touch();
  }

  /** Resolves once all that changed so far is on disk. */
  committed(): Promise<void> {
    return new Promise((resolve) => this.afterCommit(resolve));
  }

  /** Commits now what changed so far, so that a query sees it. */
  flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    if (!this.#dirty || this.#failed) {
      return;
    }
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      this.#write();
      this.#database.exec('COMMIT');
    } catch (error) {
      this.fail(error);
      throw error;
    }
    this.#dirty = false;
    this.commits++;
    const callbacks = this.#afterCommit;
    this.#afterCommit = [];
    for (const callback of callbacks) {
      callback();
    }
  }

  /**
   * Ends all writing: memory is ahead of the disk, or at odds with it, and only a restart from what is on disk is sound.
   * Nobody hears of what was not committed.
   */
  fail(error: unknown): void {
    if (!this.#failed) {
      this.#failed = true;
      this.#onFatal(error);
    }
  }

  #write(): void {
    for (const id of this.#purged) {
      this.#clearHistoryOf(id);
      this.statement('DELETE FROM instances WHERE id = ?').run(id);
    }
    this.#purged.length = 0;
    for (const instance of this.#newInstances.values()) {
      this.#insertInstance(instance);
      this.#instances.delete(instance.id);
    }
    this.#newInstances.clear();
    for (const instance of this.#instances.values()) {
      this.#updateInstance(instance);
    }
    this.#instances.clear();
    for (const change of this.#history) {
      if (change.kind === 'clear') {
        this.statement('DELETE FROM history WHERE instance_seq = ?').run(change.instance);
      } else {
        const insert = this.statement('INSERT INTO history (instance_seq, turn, events) VALUES (?, ?, ?)');
        insert.run(change.instance, change.turn, change.events);
      }
    }
    this.#history.length = 0;
    this.#writeQueues();
    for (const entity of this.#entities) {
      this.#writeEntity(entity);
    }
    this.#entities.clear();
  }

  /** An entity that neither exists nor is locked leaves nothing behind. */
  #writeEntity(entity: Entity): void {
    if (!entity.exists && entity.lockedBy === null) {
      this.statement('DELETE FROM entities WHERE id = ?').run(entity.id);
      return;
    }
    this.statement(
      'INSERT OR REPLACE INTO entities (id, present, state, locked_by, updated_at) VALUES (?, ?, ?, ?, ?)',
    ).run(entity.id, entity.exists ? 1 : 0, entity.state, orNull(entity.lockedBy), entity.updatedAt);
  }

  #writeQueues(): void {
    const remove = (table: string) => {
      const statement = this.statement(`DELETE FROM ${table} WHERE seq = ?`);
      return (seq: number) => void statement.run(seq);
    };
    const inbox = this.statement('INSERT INTO inbox (seq, instance_id, event) VALUES (?, ?, ?)');
    this.inbox.drain((row) => inbox.run(row.seq, row.instanceId, JSON.stringify(row.event)), remove('inbox'));
    const activities = this.statement('INSERT INTO activities VALUES (?, ?, ?, ?, ?, ?)');
    this.activities.drain(
      (row) => activities.run(row.seq, row.instanceId, row.executionId, row.taskId, row.name, row.input),
      remove('activities'),
    );
    const timers = this.statement('INSERT INTO timers VALUES (?, ?, ?, ?)');
    this.timers.drain((row) => timers.run(row.seq, row.instanceId, row.taskId, row.fireAt), remove('timers'));
    const queue = this.statement('INSERT INTO entity_queue VALUES (?, ?, ?)');
    this.entityQueue.drain(
      (row) => queue.run(row.seq, row.entityId, JSON.stringify(row.message)),
      remove('entity_queue'),
    );
  }

  #clearHistoryOf(instanceId: string): void {
    const clear = 'DELETE FROM history WHERE instance_seq = (SELECT seq FROM instances WHERE id = ?)';
    this.statement(clear).run(instanceId);
  }

  #insertInstance(instance: Instance): void {
    this.#clearHistoryOf(instance.id);
    this.statement('INSERT OR REPLACE INTO instances VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').run(
      instance.seq,
      instance.id,
      instance.executionId,
      instance.name,
      instance.version,
      instance.status,
      instance.input,
      instance.output,
      instance.customStatus,
      instance.createdAt,
      instance.updatedAt,
      orNull(instance.parent),
      orNull(instance.protocolState),
      instance.suspended ? 1 : 0,
    );
  }

  #updateInstance(instance: Instance): void {
    this.statement(
      `UPDATE instances SET execution_id = ?, status = ?, input = ?, output = ?, custom_status = ?, updated_at = ?,
       parent = ?, protocol_state = ?, suspended = ? WHERE seq = ?`,
    ).run(
      instance.executionId,
      instance.status,
      instance.input,
      instance.output,
      instance.customStatus,
      instance.updatedAt,
      orNull(instance.parent),
      orNull(instance.protocolState),
      instance.suspended ? 1 : 0,
      instance.seq,
    );
  }
}
