import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Refresh, Service } from '../refresh/refresh.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS refreshes (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    doc TEXT NOT NULL,
    service TEXT AS (doc ->> 'service'),
    status TEXT AS (doc ->> 'status')
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS one_running ON refreshes (service) WHERE status = 'InProgress';
  CREATE TABLE IF NOT EXISTS snapshots (
    service TEXT PRIMARY KEY, name TEXT NOT NULL, shape TEXT NOT NULL, loaded_at TEXT NOT NULL
  ) STRICT;
`;

/** Which copy of the data a service shows. */
export interface SnapshotPointer {
  readonly name: string;
  /** A digest of the model's tables, as they were when it was loaded. */
  readonly shape: string;
  readonly loadedAt: string;
}

/** Refreshes and which snapshot is shown, in SQLite: what is written survives kill -9. */
export interface RefreshStore {
  add(refresh: Refresh): void;
  /** Notes the state of a refresh and, with it or not at all, the snapshot that it brought. */
  save(refresh: Refresh, snapshot?: SnapshotPointer): void;
  find(service: Service, id: string): Refresh | undefined;
  running(service: Service): Refresh | undefined;
  /** The latest first. */
  list(service: Service, most: number): readonly Refresh[];
  snapshot(service: Service): SnapshotPointer | undefined;
  close(): void;
}

/** Opens or makes the state in a folder; the file is locked against a second emulator. */
export function openRefreshStore(folder: string): RefreshStore {
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, 'refreshes.sqlite'));
  try {
    database.exec('PRAGMA busy_timeout = 3000; PRAGMA locking_mode = EXCLUSIVE;');
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    database.exec(SCHEMA);
  } catch (cause) {
    database.close();
    throw new Error(`Cannot open the state in ${folder}: is another emulator using it? (${cause})`, { cause });
  }
  const parse = (row: Record<string, unknown> | undefined): Refresh | undefined =>
    row === undefined ? undefined : (JSON.parse(String(row.doc)) as Refresh);
  const statements = {
    add: database.prepare('INSERT INTO refreshes (id, doc) VALUES (?, ?)'),
    save: database.prepare('UPDATE refreshes SET doc = ? WHERE id = ?'),
    find: database.prepare('SELECT doc FROM refreshes WHERE service = ? AND id = ?'),
    running: database.prepare("SELECT doc FROM refreshes WHERE service = ? AND status = 'InProgress'"),
    list: database.prepare('SELECT doc FROM refreshes WHERE service = ? ORDER BY number DESC LIMIT ?'),
    snapshot: database.prepare('SELECT name, shape, loaded_at FROM snapshots WHERE service = ?'),
    show: database.prepare('INSERT OR REPLACE INTO snapshots (service, name, shape, loaded_at) VALUES (?, ?, ?, ?)'),
  };
  return {
    add: (refresh) => void statements.add.run(refresh.id, JSON.stringify(refresh)),
    save(refresh, snapshot) {
      database.exec('BEGIN IMMEDIATE');
      try {
        statements.save.run(JSON.stringify(refresh), refresh.id);
        if (snapshot !== undefined) {
          statements.show.run(refresh.service, snapshot.name, snapshot.shape, snapshot.loadedAt);
        }
        database.exec('COMMIT');
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      }
    },
    find: (service, id) => parse(statements.find.get(service, id)),
    running: (service) => parse(statements.running.get(service)),
    list: (service, most) =>
      statements.list.all(service, most).flatMap((row) => {
        const refresh = parse(row);
        return refresh === undefined ? [] : [refresh];
      }),
    snapshot(service) {
      const row = statements.snapshot.get(service);
      if (row === undefined) return undefined;
      return { name: String(row.name), shape: String(row.shape), loadedAt: String(row.loaded_at) };
    },
    close: () => database.close(),
  };
}
