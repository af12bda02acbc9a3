import type { DatabaseSync } from 'node:sqlite';
import type { TriggerRunRecord } from './records.ts';

/** Firings of triggers. */
export interface TriggerRunStore {
  put(run: TriggerRunRecord): void;
  /** Oldest first. */
  list(factory: string): TriggerRunRecord[];
}

/** The trigger runs of an emulator's database. */
export function createTriggerRunStore(database: DatabaseSync): TriggerRunStore {
  const put = database.prepare('INSERT INTO trigger_runs (trigger_run_id, factory, doc) VALUES (?, ?, ?)');
  const list = database.prepare('SELECT doc FROM trigger_runs WHERE factory = ? ORDER BY sequence');
  return {
    put: (run) => void put.run(run.triggerRunId, run.factory, JSON.stringify(run)),
    list: (factory) => list.all(factory).map((row) => JSON.parse(String(row.doc)) as TriggerRunRecord),
  };
}
