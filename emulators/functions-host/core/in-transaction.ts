import type { DatabaseSync } from 'node:sqlite';

/** Makes all that `work` changes one transaction: all of it is on disk afterwards, or nothing when it throws. */
export function inTransaction(database: DatabaseSync, work: () => void): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    work();
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) {
      database.exec('ROLLBACK');
    }
    throw error;
  }
}
