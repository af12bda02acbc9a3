import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { HostSetupError } from './errors.ts';
import { messageOf } from './logger.ts';

const stateFile = (dataFolder: string) => join(dataFolder, 'functions-host.sqlite');

/**
 * Opens the one SQLite file that holds all that the host remembers, for this process alone: exclusive locking lasts as
 * long as the process does, whatever ends it, and needs no shared memory. Every commit waits for the disk.
 * @param prepare makes its tables.
 * @throws HostSetupError when another host has the folder, it cannot be written, or the file is damaged or too new.
 */
export function openStateFile(dataFolder: string, prepare: (database: DatabaseSync) => void): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(dataFolder, { recursive: true });
    database = new DatabaseSync(stateFile(dataFolder));
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA busy_timeout = 0;');
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    database.exec('BEGIN EXCLUSIVE; COMMIT;');
    checkIntegrity(database);
    prepare(database);
    return database;
  } catch (error) {
    database?.close();
    throw new HostSetupError(explainStateFault(dataFolder, error), error);
  }
}

/** Reads every page once, so that damage shows now and not in the middle of something; about 0.5 s for a gigabyte. */
function checkIntegrity(database: DatabaseSync): void {
  const found = String(database.prepare('PRAGMA quick_check(1)').get()?.quick_check);
  if (found !== 'ok') {
    throw Object.assign(new Error(found.replaceAll('\n', ' ')), { errcode: sqlite.corrupt });
  }
}

/** Primary result codes. Source: https://sqlite.org/rescode.html */
const sqlite = {
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
};

/** Whether SQLite threw it. */
export function isStateFault(error: unknown): boolean {
  return typeof (error as { errcode?: unknown } | null)?.errcode === 'number';
}

/** What is wrong with the state file, and what to do next, from what SQLite threw. */
export function explainStateFault(dataFolder: string, error: unknown): string {
  const path = stateFile(dataFolder);
  const code = Number((error as { errcode?: unknown } | null)?.errcode ?? 0) & 0xff;
  switch (code) {
    case sqlite.busy:
    case sqlite.locked:
      return `another functions host uses the data folder ${dataFolder}: stop it, or give this one another --data`;
    case sqlite.full:
      return (
        `the disk that holds ${path} is full: make room and start the host again; what was answered is kept, ` +
        'and what was under way goes on'
      );
    case sqlite.corrupt:
    case sqlite.notADatabase:
      return (
        `${path} is damaged (${messageOf(error)}), and nothing was written to it: bring it back from a backup together ` +
        `with its -wal file, or move both away to start with no state; \`sqlite3 ${path} .recover\` may save what is readable`
      );
    case sqlite.readOnly:
    case sqlite.cannotOpen:
      return `${path} cannot be opened for writing (${messageOf(error)}): check the folder and its permissions`;
    case sqlite.ioError:
      return `the disk that holds ${path} gives an error (${messageOf(error)}): check it, and start the host again`;
    default:
      return `${path} cannot be used: ${messageOf(error)}`;
  }
}
