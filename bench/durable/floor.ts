import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** So many committed transactions of SQLite, one after the other, each with a row as long as a turn's; in milliseconds. */
export function timeTransactions(folder: string, transactions: number): number {
  const database = new DatabaseSync(join(folder, 'floor.sqlite'));
  try {
    database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE IF NOT EXISTS turn (events TEXT)',
    );
    const insert = database.prepare('INSERT INTO turn (events) VALUES (?)');
    const events = 'x'.repeat(400);
    const starting = performance.now();
    for (let index = 0; index < transactions; index++) insert.run(events); // each is a transaction of its own
    return performance.now() - starting;
  } finally {
    database.close();
  }
}
