import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, test } from '@jest/globals';
import { openStateFile } from '../../../../emulators/functions-host/core/state-file.ts';
import { prepareSchema } from '../../../../emulators/functions-host/engine/schema.ts';
import { Disk, dumpOf } from '../simulation/disk.ts';
import { cleanUp, newFolder } from '../start-host.ts';
import { live } from './life.ts';
import { tornDatabases, tornLogs } from './torn-images.ts';

afterAll(cleanUp);

interface Files {
  readonly database: Buffer;
  readonly log: Buffer;
}

/** What a host finds in these files. */
function found(folder: string, { database, log }: Files): string {
  const path = join(folder, 'functions-host.sqlite');
  writeFileSync(path, database);
  writeFileSync(`${path}-wal`, log);
  rmSync(`${path}-shm`, { force: true });
  const opened = openStateFile(folder, prepareSchema);
  try {
    return JSON.stringify(dumpOf(opened));
  } finally {
    opened.close();
  }
}

test('a commit that a power cut tears is there whole or not at all, in every way in which it can tear', async () => {
  const folder = newFolder();
  const path = join(folder, 'functions-host.sqlite');
  const database = openStateFile(folder, prepareSchema);
  // Soon, so that the log is moved into the database again and again.
  database.exec('PRAGMA wal_autocheckpoint = 25');
  const read = (): Files => ({
    database: readFileSync(path),
    log: existsSync(`${path}-wal`) ? readFileSync(`${path}-wal`) : Buffer.alloc(0),
  });
  const disk = new Disk(undefined, database);
  let before = { files: read(), rows: JSON.stringify(disk.dump()) };
  const commits: { readonly before: typeof before; readonly after: typeof before }[] = [];
  await live(disk, { startAt: Date.UTC(2026, 0, 1), generation: 0, order: 3 }, () => {
    const after = { files: read(), rows: JSON.stringify(disk.dump()) };
    commits.push({ before, after });
    before = after;
  });
  database.close();

  const other = newFolder();
  let torn = 0;
  let moved = 0;
  for (const { before: was, after: is } of commits) {
    expect(found(other, is.files) === is.rows).toBe(true);
    for (const log of tornLogs(was.files.log, is.files.log)) {
      torn++;
      // The log is written first: the database is as it was before.
      expect([was.rows, is.rows].indexOf(found(other, { database: was.files.database, log }))).toBe(0);
    }
    for (const pages of tornDatabases(was.files.database, is.files.database)) {
      moved++;
      expect(found(other, { database: pages, log: is.files.log }) === is.rows).toBe(true);
    }
  }
  expect(commits.length).toBeGreaterThan(30);
  expect(torn).toBeGreaterThan(300);
  expect(moved).toBeGreaterThan(30);
}, 300_000);

test('every commit waits for the disk, and the log is kept apart from the database', () => {
  const folder = newFolder();
  const database = openStateFile(folder, prepareSchema);
  const pragma = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  expect([pragma('synchronous'), pragma('journal_mode'), pragma('locking_mode')]).toEqual([2, 'wal', 'exclusive']);
  database.close();
  expect(new DatabaseSync(join(folder, 'functions-host.sqlite')).prepare('PRAGMA user_version').get()).toEqual({
    user_version: expect.any(Number),
  });
});
