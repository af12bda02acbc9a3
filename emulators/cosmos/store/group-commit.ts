import type { DatabaseSync } from 'node:sqlite';

/** Runs changes in shared transactions. */
export interface GroupCommit {
  /** Resolves once the change is durable; rejects if its transaction failed. */
  run(change: () => void): Promise<void>;
  /** Commits whatever waits, now. */
  flush(): void;
}

interface Waiting {
  readonly change: () => void;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * One fsync for everything that arrives in one turn of the event loop: a lone write waits for nothing, and a burst does
 * not pay for a disk flush each.
 */
export function createGroupCommit(database: DatabaseSync): GroupCommit {
  let waiting: Waiting[] = [];

  const flush = (): void => {
    const group = waiting;
    waiting = [];
    if (group.length === 0) return;
    try {
      database.exec('BEGIN IMMEDIATE');
      for (const { change } of group) change();
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      for (const { reject } of group) reject(error);
      return;
    }
    for (const { resolve } of group) resolve();
  };

  return {
    run: (change) =>
      new Promise((resolve, reject) => {
        waiting.push({ change, resolve, reject });
        if (waiting.length === 1) setImmediate(flush);
      }),
    flush,
  };
}
