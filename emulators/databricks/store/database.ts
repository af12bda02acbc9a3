import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS jobs (job_id INTEGER PRIMARY KEY, doc TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS runs (
    run_id INTEGER PRIMARY KEY,
    doc TEXT NOT NULL,
    job_id INTEGER AS (doc ->> 'jobId'),
    start_time INTEGER AS (doc ->> 'startTime'),
    active INTEGER AS (doc ->> 'endTime' = 0),
    token TEXT AS (doc ->> 'token'),
    deleted INTEGER AS (doc ->> 'deleted')
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS runs_by_token ON runs (token) WHERE token IS NOT NULL;
  CREATE INDEX IF NOT EXISTS runs_by_job ON runs (job_id, run_id);
  CREATE INDEX IF NOT EXISTS runs_active ON runs (run_id) WHERE active;
  CREATE TABLE IF NOT EXISTS task_runs (
    run_id INTEGER PRIMARY KEY,
    doc TEXT NOT NULL,
    parent_run_id INTEGER AS (doc ->> 'parentRunId'),
    life_cycle TEXT AS (doc ->> '$.state.lifeCycle'),
    not_before INTEGER AS (doc ->> 'notBefore')
  ) STRICT;
  CREATE INDEX IF NOT EXISTS task_runs_by_parent ON task_runs (parent_run_id, run_id);
  CREATE TABLE IF NOT EXISTS statements (
    id TEXT PRIMARY KEY,
    doc TEXT NOT NULL,
    created_time INTEGER AS (doc ->> 'createdTime'),
    end_time INTEGER AS (doc ->> 'endTime')
  ) STRICT;
  CREATE INDEX IF NOT EXISTS statements_by_end ON statements (end_time, created_time);
  CREATE INDEX IF NOT EXISTS task_runs_ready ON task_runs (run_id) WHERE life_cycle IN ('PENDING', 'WAITING_FOR_RETRY');
`;

/**
 * Opens (or makes) the state of a workspace; what is committed survives a kill and a power cut. The file is locked, so
 * that no second emulator runs the same tasks; the lock ends with the process.
 */
export function openDatabase(folder: string): DatabaseSync {
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, 'workspace.sqlite'));
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
