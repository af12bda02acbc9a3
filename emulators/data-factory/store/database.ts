import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS resources (
    factory TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, doc TEXT NOT NULL,
    PRIMARY KEY (factory, kind, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS runs (
    sequence INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL UNIQUE,
    factory TEXT NOT NULL,
    meta TEXT NOT NULL,
    state TEXT NOT NULL,
    definition TEXT NOT NULL,
    pipeline TEXT AS (lower(meta ->> 'pipelineName')),
    status TEXT AS (meta ->> 'status'),
    updated TEXT AS (meta ->> 'lastUpdated'),
    run_group TEXT AS (meta ->> 'runGroupId')
  ) STRICT;
  CREATE INDEX IF NOT EXISTS runs_active ON runs (factory, pipeline, sequence)
    WHERE status IN ('Queued', 'InProgress', 'Canceling');
  CREATE INDEX IF NOT EXISTS runs_by_update ON runs (factory, updated);
  CREATE INDEX IF NOT EXISTS runs_by_group ON runs (run_group, sequence);
  CREATE TABLE IF NOT EXISTS activity_runs (
    sequence INTEGER PRIMARY KEY,
    activity_run_id TEXT NOT NULL UNIQUE,
    run_id TEXT NOT NULL,
    key TEXT NOT NULL,
    meta TEXT NOT NULL,
    data TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS activity_runs_by_key ON activity_runs (run_id, key, sequence);
  CREATE TABLE IF NOT EXISTS trigger_runs (
    sequence INTEGER PRIMARY KEY, trigger_run_id TEXT NOT NULL UNIQUE, factory TEXT NOT NULL, doc TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS trigger_runs_by_factory ON trigger_runs (factory, sequence);
`;

/**
 * Opens (or makes) the state of the emulator; what is committed survives a kill and a power cut. The file is locked, so
 * that no second emulator runs the same pipelines; the lock ends with the process.
 */
export function openDatabase(folder: string): DatabaseSync {
  const database = new DatabaseSync(join(folder, 'data-factory.sqlite'));
  try {
    database.exec('PRAGMA busy_timeout = 3000; PRAGMA locking_mode = EXCLUSIVE;');
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    database.exec(SCHEMA);
  } catch (error) {
    database.close();
    throw new Error(`Cannot open the state in ${folder}: is another emulator using it? (${error})`, { cause: error });
  }
  return database;
}

/** Runs the work as one transaction: all of it is kept, or, when it throws, nothing. May be nested. */
export function createTransaction(database: DatabaseSync): <T>(work: () => T) => T {
  let inside = false;
  return (work) => {
    if (inside) return work();
    database.exec('BEGIN IMMEDIATE');
    inside = true;
    try {
      const result = work();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    } finally {
      inside = false;
    }
  };
}
