import type { DatabaseSync } from 'node:sqlite';
import type { StatementRecord } from '../domain/statement.ts';
import { docOf, docsOf } from './documents.ts';

/** The SQL statements that were sent, and how they stand. Their results lie in files. */
export interface StatementStore {
  get(id: string): StatementRecord | undefined;
  put(statement: StatementRecord): void;
  delete(id: string): void;
  /** Those that have not ended, oldest first. */
  active(): StatementRecord[];
  /** Those that ended before a time. */
  endedBefore(time: number): StatementRecord[];
}

/** The statements of a workspace's database. */
export function createStatementStore(database: DatabaseSync): StatementStore {
  const get = database.prepare('SELECT doc FROM statements WHERE id = ?');
  const put = database.prepare(
    'INSERT INTO statements (id, doc) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc',
  );
  const remove = database.prepare('DELETE FROM statements WHERE id = ?');
  const active = database.prepare('SELECT doc FROM statements WHERE end_time = 0 ORDER BY created_time');
  const ended = database.prepare('SELECT doc FROM statements WHERE end_time BETWEEN 1 AND ?');
  return {
    get: (id) => docOf<StatementRecord>(get.get(id)),
    put: (statement) => void put.run(statement.id, JSON.stringify(statement)),
    delete: (id) => void remove.run(id),
    active: () => docsOf<StatementRecord>(active.all()),
    endedBefore: (time) => docsOf<StatementRecord>(ended.all(time)),
  };
}
