import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '../core/in-transaction.ts';

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
  readonly #database: DatabaseSync;
  readonly #function: string;
  readonly #source: string;

  /** @param source the account and the container that the function watches. */
  constructor(database: DatabaseSync, functionName: string, source: string) {
    this.#database = database;
    this.#function = functionName;
    this.#source = source;
    database.exec(
      `CREATE TABLE IF NOT EXISTS blob_receipts (
         function TEXT, source TEXT, name TEXT, etag TEXT NOT NULL, PRIMARY KEY (function, source, name)
       ) STRICT, WITHOUT ROWID;
       CREATE TABLE IF NOT EXISTS blob_work (
         id INTEGER PRIMARY KEY AUTOINCREMENT, function TEXT NOT NULL, source TEXT NOT NULL, name TEXT NOT NULL,
         etag TEXT, attempts INTEGER NOT NULL DEFAULT 0
       ) STRICT;
       CREATE INDEX IF NOT EXISTS blob_work_of_function ON blob_work (function, source, id)`,
    );
  }

  /** Takes up the versions that were not taken up before, and gives their number. */
  admit(versions: readonly BlobVersion[]): number {
    const known = this.#database.prepare(
      'SELECT etag FROM blob_receipts WHERE function = ? AND source = ? AND name = ?',
    );
    const fresh = versions.filter(({ name, etag }) => known.get(this.#function, this.#source, name)?.etag !== etag);
    if (fresh.length > 0) {
      const receipt = this.#database.prepare(
        'INSERT OR REPLACE INTO blob_receipts (function, source, name, etag) VALUES (?, ?, ?, ?)',
      );
      inTransaction(this.#database, () => {
        for (const { name, etag } of fresh) {
          receipt.run(this.#function, this.#source, name, etag);
          this.#insert(name, etag);
        }
      });
    }
    return fresh.length;
  }

  /** Takes up a blob whatever was taken up before. */
  add(name: string): void {
    this.#insert(name, null);
  }

  /** What is still to do, oldest first. */
  pending(limit: number): BlobWork[] {
    return this.#database
      .prepare('SELECT id, name, etag, attempts FROM blob_work WHERE function = ? AND source = ? ORDER BY id LIMIT ?')
      .all(this.#function, this.#source, limit)
      .map((row) => ({
        id: Number(row.id),
        name: String(row.name),
        etag: row.etag === null ? undefined : String(row.etag),
        attempts: Number(row.attempts),
      }));
  }

  failed(id: number): void {
    this.#database.prepare('UPDATE blob_work SET attempts = attempts + 1 WHERE id = ?').run(id);
  }

  done(id: number): void {
    this.#database.prepare('DELETE FROM blob_work WHERE id = ?').run(id);
  }

  #insert(name: string, etag: string | null): void {
    this.#database
      .prepare('INSERT INTO blob_work (function, source, name, etag) VALUES (?, ?, ?, ?)')
      .run(this.#function, this.#source, name, etag);
  }
}
