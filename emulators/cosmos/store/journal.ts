import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Resource } from '../engine.ts';
import { createGroupCommit } from './group-commit.ts';

/** A change of a document that is to be made durable. */
export type DocumentChange =
  | { readonly kind: 'put'; readonly container: string; readonly document: Resource; readonly lsn: number }
  | { readonly kind: 'delete'; readonly container: string; readonly rid: string; readonly lsn: number };

/** A database, container or user-defined function as stored; `parent` is the `_rid` of what it is in. */
export interface StoredResource {
  readonly kind: 'db' | 'coll' | 'udf';
  readonly parent: string;
  readonly resource: Resource;
}

/** The durable twin of the account in memory. Every promise resolves when the change is on disk. */
export interface Journal {
  write(changes: readonly DocumentChange[]): Promise<void>;
  putResource(stored: StoredResource): Promise<void>;
  /** Removes a resource and all that is in it. */
  deleteResource(rid: string): Promise<void>;
  listResources(kind: StoredResource['kind']): StoredResource[];
  /** The highest change number of a container that a since deleted document may have taken with it. */
  lastChangeOf(container: string): number;
  documentsOf(container: string): Iterable<{ readonly document: Resource; readonly lsn: number }>;
  close(): void;
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS resources (
  rid TEXT PRIMARY KEY, kind TEXT NOT NULL, parent TEXT NOT NULL, body TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS documents (
  container TEXT NOT NULL, rid TEXT NOT NULL, lsn INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (container, rid)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS last_changes (container TEXT PRIMARY KEY, lsn INTEGER NOT NULL) WITHOUT ROWID;
`;

/** Opens the journal in a folder, which is made if missing: SQLite, WAL, synchronous=FULL. */
export function openJournal(dataDirectory: string): Journal {
  mkdirSync(dataDirectory, { recursive: true });
  const database = new DatabaseSync(join(dataDirectory, 'cosmos.db'));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
  database.exec(SCHEMA);
  const commits = createGroupCommit(database);
  const putDocument = database.prepare('INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?)');
  const dropDocument = database.prepare('DELETE FROM documents WHERE container = ? AND rid = ?');
  const saveLast = database.prepare('INSERT OR REPLACE INTO last_changes VALUES (?, ?)');
  const readLast = database.prepare('SELECT lsn FROM last_changes WHERE container = ?');
  const putOne = database.prepare('INSERT OR REPLACE INTO resources VALUES (?, ?, ?, ?)');
  const within = 'SELECT rid FROM resources WHERE rid = ?1 OR parent = ?1';
  const dropDocuments = database.prepare(`DELETE FROM documents WHERE container IN (${within})`);
  const dropFunctions = database.prepare(`DELETE FROM resources WHERE kind = 'udf' AND parent IN (${within})`);
  const dropResources = database.prepare('DELETE FROM resources WHERE rid = ?1 OR parent = ?1');

  return {
    write: (changes) =>
      commits.run(() => {
        for (const change of changes) {
          if (change.kind === 'delete') {
            dropDocument.run(change.container, change.rid);
            saveLast.run(change.container, change.lsn);
          } else putDocument.run(change.container, change.document._rid, change.lsn, JSON.stringify(change.document));
        }
      }),
    putResource: ({ kind, parent, resource }) =>
      commits.run(() => {
        putOne.run(resource._rid, kind, parent, JSON.stringify(resource));
      }),
    deleteResource: (rid) =>
      commits.run(() => {
        dropDocuments.run(rid);
        dropFunctions.run(rid);
        dropResources.run(rid);
      }),
    listResources: (kind) =>
      database
        .prepare('SELECT * FROM resources WHERE kind = ?')
        .all(kind)
        .map((row) => ({ kind, parent: String(row.parent), resource: JSON.parse(String(row.body)) as Resource })),
    lastChangeOf: (container) => Number(readLast.get(container)?.lsn ?? 0),
    documentsOf: function* (container) {
      for (const row of database.prepare('SELECT lsn, body FROM documents WHERE container = ?').iterate(container)) {
        yield { document: JSON.parse(String(row.body)) as Resource, lsn: Number(row.lsn) };
      }
    },
    close: () => {
      commits.flush();
      database.close();
    },
  };
}
