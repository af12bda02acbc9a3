import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { HostSetupError } from './errors.ts';
import { messageOf } from './logger.ts';

/**
 * Opens the one SQLite file that holds all that the host remembers, for this process alone: exclusive locking lasts as
 * long as the process does, whatever ends it, and needs no shared memory.
 * @throws HostSetupError when another host has the folder, or it cannot be written.
 */
export function openStateFile(dataFolder: string): DatabaseSync {
  const path = join(dataFolder, 'functions-host.sqlite');
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(dataFolder, { recursive: true });
    database = new DatabaseSync(path);
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA busy_timeout = 0;');
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    database.exec('BEGIN EXCLUSIVE; COMMIT;');
    return database;
  } catch (error) {
    database?.close();
    if (/locked|busy/i.test(messageOf(error))) {
      throw new HostSetupError(
        `another functions host uses the data folder ${dataFolder}: stop it, or give this one another --data`,
        error,
      );
    }
    throw new HostSetupError(`cannot open ${path}: ${messageOf(error)}`, error);
  }
}
