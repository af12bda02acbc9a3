import { createTransaction, openDatabase } from './database.ts';
import { createJobStore, type JobStore } from './job-store.ts';
import { createRunStore, type RunStore } from './run-store.ts';
import { createStatementStore, type StatementStore } from './statement-store.ts';

/** Everything that a workspace remembers. */
export interface Store {
  readonly jobs: JobStore;
  readonly runs: RunStore;
  readonly statements: StatementStore;
  /** All or nothing; may be nested. */
  transaction<T>(work: () => T): T;
  /** A new id: 15 digits, larger than every earlier one, safe as a JavaScript number. */
  nextId(): number;
  close(): void;
}

/** Opens the state kept in a folder. */
export function openStore(folder: string): Store {
  const database = openDatabase(folder);
  const highest = database
    .prepare(`SELECT max(coalesce((SELECT max(job_id) FROM jobs), 0), coalesce((SELECT max(run_id) FROM runs), 0),
      coalesce((SELECT max(run_id) FROM task_runs), 0), coalesce((SELECT max(job_id) FROM runs), 0)) AS id`)
    .get()?.id;
  let last = typeof highest === 'number' ? highest : 0;
  return {
    jobs: createJobStore(database),
    runs: createRunStore(database),
    statements: createStatementStore(database),
    transaction: createTransaction(database),
    nextId: () => {
      last = Math.max(last + 1 + Math.floor(Math.random() * 97), Date.now() * 100);
      return last;
    },
    close: () => database.close(),
  };
}
