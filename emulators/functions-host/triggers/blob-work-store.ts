import type { DatabaseSync } from 'node:sqlite';
import type { TriggerState } from '../core/trigger-state.ts';

/** A version of a blob for which a function must be called. */
export interface BlobWork {
  readonly id: number;
  readonly name: string;
  /** Undefined when it does not matter which version it is. */
  readonly etag: string | undefined;
  /** How many calls have failed. */
  readonly attempts: number;
}

export interface BlobVersion {
  readonly name: string;
  readonly etag: string;
}

/**
 * Which versions of blobs a function was called for, and for which it must still be called: what Azure keeps as blob receipts
 * and in a queue. It outlives the host.
 */
export class BlobWorkStore {
  readonly #state: TriggerState;
  readonly #function: string;
  readonly #source: string;

  /** @param source the account and the container that the function watches. */
  constructor(state: TriggerState, functionName: string, source: string) {
    this.#state = state;
    this.#function = functionName;
    this.#source = source;
    state.use((database) =>
      database.exec(
        `CREATE TABLE IF NOT EXISTS blob_receipts (
           function TEXT, source TEXT, name TEXT, etag TEXT NOT NULL, PRIMARY KEY (function, source, name)
         ) STRICT, WITHOUT ROWID;
         CREATE TABLE IF NOT EXISTS blob_work (
           id INTEGER PRIMARY KEY AUTOINCREMENT, function TEXT NOT NULL, source TEXT NOT NULL, name TEXT NOT NULL,
           etag TEXT, attempts INTEGER NOT NULL DEFAULT 0
         ) STRICT;
         CREATE INDEX IF NOT EXISTS blob_work_of_function ON blob_work (function, source, id)`,
      ),
    );
  }

  /** Takes up the versions that were not taken up before, and gives their number. */
  admit(versions: readonly BlobVersion[]): number {
    const fresh = this.#state.use((database) => {
      const known = database.prepare('SELECT etag FROM blob_receipts WHERE function = ? AND source = ? AND name = ?');
      return versions.filter(({ name, etag }) => known.get(this.#function, this.#source, name)?.etag !== etag);
    });
    if (fresh.length > 0) {
      this.#state.transaction((database) => {
        const receipt = database.prepare(
          'INSERT OR REPLACE INTO blob_receipts (function, source, name, etag) VALUES (?, ?, ?, ?)',
        );
        for (const { name, etag } of fresh) {
          receipt.run(this.#function, this.#source, name, etag);
          this.#insert(database, name, etag);
        }
      });
    }
    return fresh.length;
  }

  /** Takes up blobs whatever was taken up before. */
  add(names: readonly string[]): void {
    this.#state.transaction((database) => {
      for (const name of names) {
        this.#insert(database, name, null);
      }
    });
  }

  /** What is still to do, oldest first. */
  pending(limit: number): BlobWork[] {
    const query =
      'SELECT id, name, etag, attempts FROM blob_work WHERE function = ? AND source = ? ORDER BY id LIMIT ?';
    return this.#state
      .use((database) => database.prepare(query).all(this.#function, this.#source, limit))
      .map((row) => ({
        id: Number(row.id),
        name: String(row.name),
        etag: row.etag === null ? undefined : String(row.etag),
        attempts: Number(row.attempts),
      }));
  }

  failed(id: number): void {
    this.#state.use((database) =>
      database.prepare('UPDATE blob_work SET attempts = attempts + 1 WHERE id = ?').run(id),
    );
  }

  done(id: number): void {
    this.#state.use((database) => database.prepare('DELETE FROM blob_work WHERE id = ?').run(id));
  }

  #insert(database: DatabaseSync, name: string, etag: string | null): void {
    database
      .prepare('INSERT INTO blob_work (function, source, name, etag) VALUES (?, ?, ?, ?)')
      .run(this.#function, this.#source, name, etag);
  }
}
