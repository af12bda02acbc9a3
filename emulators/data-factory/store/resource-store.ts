import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { ResourceRecord } from './records.ts';

export type ResourceKind =
  | 'factories'
  | 'pipelines'
  | 'datasets'
  | 'linkedservices'
  | 'triggers'
  | 'integrationruntimes'
  | 'globalparameters'
  | 'schedules';

/** Factories (which belong to none) and what is in them; names are found whatever their case. */
export interface ResourceStore {
  get(factory: string, kind: ResourceKind, name: string): ResourceRecord | undefined;
  /** By name. */
  list(factory: string, kind: ResourceKind): ResourceRecord[];
  /** Of all factories. */
  everywhere(kind: ResourceKind): { readonly factory: string; readonly record: ResourceRecord }[];
  put(factory: string, kind: ResourceKind, record: Omit<ResourceRecord, 'etag'>): ResourceRecord;
  /** Whether there was something to delete. */
  delete(factory: string, kind: ResourceKind, name: string): boolean;
  /** Deletes everything of a factory. */
  clear(factory: string): void;
}

/** The resources of an emulator's database. */
export function createResourceStore(database: DatabaseSync): ResourceStore {
  const get = database.prepare('SELECT doc FROM resources WHERE factory = ? AND kind = ? AND key = ?');
  const list = database.prepare('SELECT doc FROM resources WHERE factory = ? AND kind = ? ORDER BY key');
  const everywhere = database.prepare('SELECT factory, doc FROM resources WHERE kind = ? ORDER BY factory, key');
  const put = database.prepare(
    'INSERT INTO resources VALUES (?, ?, ?, ?) ON CONFLICT (factory, kind, key) DO UPDATE SET doc = excluded.doc',
  );
  const remove = database.prepare('DELETE FROM resources WHERE factory = ? AND kind = ? AND key = ?');
  const clear = database.prepare('DELETE FROM resources WHERE factory = ?');
  const read = (row: Record<string, unknown>): ResourceRecord => JSON.parse(String(row.doc)) as ResourceRecord;
  return {
    get: (factory, kind, name) => {
      const row = get.get(factory, kind, name.toLowerCase());
      return row === undefined ? undefined : read(row);
    },
    list: (factory, kind) => list.all(factory, kind).map(read),
    everywhere: (kind) => everywhere.all(kind).map((row) => ({ factory: String(row.factory), record: read(row) })),
    put: (factory, kind, record) => {
      const stored = { ...record, etag: randomUUID() };
      put.run(factory, kind, record.name.toLowerCase(), JSON.stringify(stored));
      return stored;
    },
    delete: (factory, kind, name) => remove.run(factory, kind, name.toLowerCase()).changes > 0,
    clear: (factory) => void clear.run(factory),
  };
}
