import { createTransaction, openDatabase } from './database.ts';
import { createResourceStore, type ResourceStore } from './resource-store.ts';
import { createRunStore, type RunStore } from './run-store.ts';
import { createTriggerRunStore, type TriggerRunStore } from './trigger-run-store.ts';

/** Everything that the emulator remembers. */
export interface Store {
  readonly resources: ResourceStore;
  readonly runs: RunStore;
  readonly triggerRuns: TriggerRunStore;
  /** All or nothing; may be nested. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/** Opens the state kept in a folder. */
export function openStore(folder: string): Store {
  const database = openDatabase(folder);
  return {
    resources: createResourceStore(database),
    runs: createRunStore(database),
    triggerRuns: createTriggerRunStore(database),
    transaction: createTransaction(database),
    close: () => database.close(),
  };
}
