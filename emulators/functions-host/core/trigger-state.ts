import type { DatabaseSync } from 'node:sqlite';

/**
 * The state file, as triggers use it. What cannot be read or written ends the host: going on would forget what was taken up,
 * and the next start goes on from what is on disk.
 */
export class TriggerState {
  readonly #database: DatabaseSync;
  readonly #onFatal: (error: unknown) => void;

  constructor(database: DatabaseSync, onFatal: (error: unknown) => void) {
    this.#database = database;
    this.#onFatal = onFatal;
  }

  /** @throws what `work` throws, and has the host end, unless it has ended already. */
  use<T>(work: (database: DatabaseSync) => T): T {
    try {
      return work(this.#database);
    } catch (error) {
      if (this.#database.isOpen) {
        this.#onFatal(error);
      }
      throw error;
    }
  }

  /** Makes all that `work` changes one transaction: all of it is on disk afterwards, or nothing when it throws. */
  transaction(work: (database: DatabaseSync) => void): void {
    this.use((database) => {
      database.exec('BEGIN IMMEDIATE');
      try {
        work(database);
        database.exec('COMMIT');
      } catch (error) {
        if (database.isTransaction) {
          database.exec('ROLLBACK');
        }
        throw error;
      }
    });
  }
}
