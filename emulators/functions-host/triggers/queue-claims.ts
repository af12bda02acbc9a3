import type { TriggerState } from '../core/trigger-state.ts';
import type { MessageReceipt } from '../storage/queue-client.ts';

/**
 * Which messages of a queue this host has hidden and not finished: after a crash it can give them back at once, instead of all
 * waiting until they show by themselves.
 */
export class QueueClaims {
  readonly #state: TriggerState;
  readonly #queue: string;

  /** @param queue tells the queue and the function from all others. */
  constructor(state: TriggerState, queue: string) {
    this.#state = state;
    this.#queue = queue;
    state.use((database) =>
      database.exec(
        `CREATE TABLE IF NOT EXISTS queue_claims (
           queue TEXT, id TEXT, pop_receipt TEXT NOT NULL, PRIMARY KEY (queue, id)
         ) STRICT, WITHOUT ROWID`,
      ),
    );
  }

  /** All that are claimed, which at the start are those of the run before. */
  all(): MessageReceipt[] {
    return this.#state
      .use((database) => database.prepare('SELECT id, pop_receipt FROM queue_claims WHERE queue = ?').all(this.#queue))
      .map((row) => ({ id: String(row.id), popReceipt: String(row.pop_receipt) }));
  }

  /** Claims messages, or says what their pop receipts are now. */
  put(messages: readonly MessageReceipt[]): void {
    if (messages.length === 0) {
      return;
    }
    this.#state.transaction((database) => {
      const insert = database.prepare('INSERT OR REPLACE INTO queue_claims (queue, id, pop_receipt) VALUES (?, ?, ?)');
      for (const { id, popReceipt } of messages) {
        insert.run(this.#queue, id, popReceipt);
      }
    });
  }

  delete(id: string): void {
    this.#state.use((database) =>
      database.prepare('DELETE FROM queue_claims WHERE queue = ? AND id = ?').run(this.#queue, id),
    );
  }
}
