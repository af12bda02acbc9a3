import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { prepareSchema } from '../../../../emulators/functions-host/engine/schema.ts';
import { sabotage } from './sabotage.ts';

/** Thrown where the process is to die. It must reach whoever runs the process. */
export class Crash extends Error {
  constructor() {
    super('the process is dead');
    this.name = 'Crash';
  }
}

/** A moment at which something is written: in a transaction, or the end of one. */
export interface WritePoint {
  readonly sql: string;
  readonly phase: 'before' | 'after';
}

export type Row = Readonly<Record<string, SQLInputValue>>;

export const tables = ['instances', 'history', 'inbox', 'activities', 'timers', 'entities', 'entity_queue'] as const;
export type Dump = Readonly<Record<(typeof tables)[number], readonly Row[]>>;

export function dumpOf(database: DatabaseSync): Dump {
  const rows = (table: string) => database.prepare(`SELECT * FROM ${table}`).all() as Row[];
  return Object.fromEntries(tables.map((table) => [table, rows(table)])) as unknown as Dump;
}

/** What outlives a process: an SQLite database. Its transactions are real ones; a crash undoes an open one. */
export class Disk {
  readonly database: DatabaseSync;

  /** Over a database with tables, or a new one in memory with these rows. */
  constructor(dump?: Dump, database = new DatabaseSync(':memory:')) {
    this.database = database;
    prepareSchema(database);
    for (const table of dump === undefined ? [] : tables) {
      for (const row of dump?.[table] ?? []) {
        const names = Object.keys(row);
        const marks = names.map(() => '?').join(', ');
        this.database
          .prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${marks})`)
          .run(...Object.values(row));
      }
    }
  }

  /** All committed rows. Not to be asked within a transaction. */
  dump(): Dump {
    return dumpOf(this.database);
  }

  /** The database as one process has it. `onWrite` may throw, and does so for ever once the process is dead. */
  connect(onWrite: (point: WritePoint) => void): DatabaseSync {
    const { database } = this;
    const watch = <T>(sql: string, write: () => T): T => {
      onWrite({ sql, phase: 'before' });
      const result = write();
      if (sabotage.commitsAfter?.(sql) === true) {
        database.exec('COMMIT; BEGIN IMMEDIATE');
      }
      onWrite({ sql, phase: 'after' });
      return result;
    };
    const connection = {
      get isTransaction() {
        return database.isTransaction;
      },
      exec: (sql: string) => watch(sql, () => database.exec(sql)),
      prepare(sql: string) {
        const statement = database.prepare(sabotage.rewrite?.(sql) ?? sql);
        if (/^\s*(SELECT|PRAGMA)/i.test(sql)) {
          return statement;
        }
        return { run: (...values: SQLInputValue[]) => watch(sql, () => statement.run(...values)) };
      },
    };
    return connection as unknown as DatabaseSync;
  }

  /** What the next process finds after this one died. */
  rollBack(): void {
    if (this.database.isTransaction) {
      this.database.exec('ROLLBACK');
    }
  }
}
