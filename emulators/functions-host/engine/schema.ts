import type { DatabaseSync } from 'node:sqlite';

/** The first tables. `seq` orders what arrived; a row of `history` holds all events of one turn. */
const firstTables = `
CREATE TABLE IF NOT EXISTS instances (
  id TEXT PRIMARY KEY, execution_id TEXT NOT NULL, name TEXT NOT NULL, version TEXT, status TEXT NOT NULL,
  input TEXT, output TEXT, custom_status TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  parent TEXT, protocol_state TEXT, suspended INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS instances_by_creation ON instances (created_at, id);
CREATE INDEX IF NOT EXISTS instances_alive ON instances (id) WHERE status NOT IN ('Completed', 'Failed', 'Terminated');
CREATE TABLE IF NOT EXISTS history (
  instance_id TEXT NOT NULL, turn INTEGER NOT NULL, events TEXT NOT NULL, PRIMARY KEY (instance_id, turn)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inbox (seq INTEGER PRIMARY KEY, instance_id TEXT NOT NULL, event TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS activities (
  seq INTEGER PRIMARY KEY, instance_id TEXT NOT NULL, execution_id TEXT NOT NULL, task_id INTEGER NOT NULL,
  name TEXT NOT NULL, input TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS timers (
  seq INTEGER PRIMARY KEY, instance_id TEXT NOT NULL, task_id INTEGER NOT NULL, fire_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS entities (
  id TEXT PRIMARY KEY, present INTEGER NOT NULL, state TEXT, locked_by TEXT, updated_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS entity_queue (
  seq INTEGER PRIMARY KEY, entity_id TEXT NOT NULL, message TEXT NOT NULL
) STRICT;
`;

/**
 * Rows in the order in which they are written: instances by a number, and history one after another. What one
 * commit changes then lies on few pages, of which each is written to the disk.
 */
const rowsInOrder = `
ALTER TABLE instances RENAME TO instances_1;
DROP INDEX instances_by_creation;
DROP INDEX instances_alive;
CREATE TABLE instances (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, execution_id TEXT NOT NULL, name TEXT NOT NULL, version TEXT,
  status TEXT NOT NULL, input TEXT, output TEXT, custom_status TEXT, created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL, parent TEXT, protocol_state TEXT, suspended INTEGER NOT NULL
) STRICT;
INSERT INTO instances SELECT rowid, * FROM instances_1;
CREATE INDEX instances_by_creation ON instances (created_at, id);
CREATE INDEX instances_alive ON instances (seq) WHERE status NOT IN ('Completed', 'Failed', 'Terminated');
ALTER TABLE history RENAME TO history_1;
CREATE TABLE history (instance_seq INTEGER NOT NULL, turn INTEGER NOT NULL, events TEXT NOT NULL) STRICT;
INSERT INTO history SELECT seq, turn, events FROM history_1 JOIN instances ON id = instance_id ORDER BY seq, turn;
CREATE UNIQUE INDEX history_by_turn ON history (instance_seq, turn);
DROP TABLE history_1;
DROP TABLE instances_1;
`;

/** What brings a file from each version to the next: the file's `user_version` counts those that it has had. */
const migrations: readonly string[] = [firstTables, rowsInOrder];

/** A file that a newer engine has written, and that this one would misread. */
export class NewerSchemaError extends Error {
  constructor(found: number) {
    super(
      `it was written by a newer version of the host (its schema is ${found}, this host knows ${migrations.length}): ` +
        'use that version, or another data folder',
    );
    this.name = 'NewerSchemaError';
  }
}

/**
 * Makes the tables, or brings those of an older version up to date, each step in one transaction.
 * @throws NewerSchemaError
 */
export function prepareSchema(database: DatabaseSync): void {
  const found = Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0);
  if (found > migrations.length) {
    throw new NewerSchemaError(found);
  }
  for (const [index, migration] of migrations.entries()) {
    if (index >= found) {
      database.exec(`BEGIN IMMEDIATE; ${migration}; PRAGMA user_version = ${index + 1}; COMMIT;`);
    }
  }
}
