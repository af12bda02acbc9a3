import type { Delivery, PublishedEvent, Subscription } from '../entities.ts';
import { createGroupCommit } from './group-commit.ts';
import { openDatabase } from './open-database.ts';

/** An event as kept until every subscription has had it. */
export type StoredEvent = PublishedEvent & { readonly seq: number; readonly publishTime: string };

/** The emulator's durable state. Every promise resolves when the change is on disk. */
export interface EventStore {
  /** A number that never repeats and never goes back, also over restarts. */
  nextSeq(): number;
  /** Milliseconds since 1970 at which this store was made: the high part of every sequencer. */
  readonly createdAtMs: number;
  addEvent(event: StoredEvent, deliveries: readonly Delivery[]): Promise<void>;
  readEvent(seq: number): StoredEvent | undefined;
  updateDelivery(delivery: Delivery): Promise<void>;
  /** Removes a delivery, and its event once nobody else waits for it. */
  removeDelivery(delivery: Pick<Delivery, 'seq' | 'scope' | 'subscription'>): Promise<void>;
  listDeliveries(): Delivery[];
  putSubscription(subscription: Subscription): Promise<void>;
  deleteSubscription(scope: string, name: string): Promise<void>;
  listSubscriptions(): Subscription[];
  close(): void;
}

const OPTIONAL = {
  lastAttemptAt: 'last_attempt_at',
  lastOutcome: 'last_outcome',
  lastStatus: 'last_status',
  deadLetterReason: 'dead_letter_reason',
} as const;

function deliveryFromRow(row: Record<string, unknown>): Delivery {
  const optional = Object.entries(OPTIONAL).flatMap(([field, column]) =>
    row[column] === null ? [] : [[field, row[column]]],
  );
  return {
    seq: Number(row.seq),
    scope: String(row.scope),
    subscription: String(row.subscription),
    attempts: Number(row.attempts),
    nextAt: Number(row.next_at),
    ...Object.fromEntries(optional),
  };
}

/** Opens the store in a folder, which is made if missing. */
export function openEventStore(dataDirectory: string): EventStore {
  const database = openDatabase(dataDirectory);
  const commits = createGroupCommit(database);
  database.prepare("INSERT OR IGNORE INTO meta VALUES ('created_at_ms', ?), ('last_seq', 0)").run(Date.now());
  const readMeta = database.prepare('SELECT value FROM meta WHERE key = ?');
  const createdAtMs = Number(readMeta.get('created_at_ms')?.value);
  let lastSeq = Number(readMeta.get('last_seq')?.value);

  const saveSeq = database.prepare("UPDATE meta SET value = max(value, ?) WHERE key = 'last_seq'");
  const insertEvent = database.prepare('INSERT INTO events (seq, schema, publish_time, body) VALUES (?, ?, ?, ?)');
  const putDelivery = database.prepare('INSERT OR REPLACE INTO deliveries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const dropDelivery = database.prepare('DELETE FROM deliveries WHERE seq = ? AND scope = ? AND subscription = ?');
  const dropEvent = database.prepare(
    'DELETE FROM events WHERE seq = ?1 AND NOT EXISTS (SELECT 1 FROM deliveries WHERE seq = ?1)',
  );
  const selectEvent = database.prepare('SELECT * FROM events WHERE seq = ?');
  const upsertSubscription = database.prepare('INSERT OR REPLACE INTO subscriptions VALUES (?, ?, ?)');
  const dropSubscription = database.prepare('DELETE FROM subscriptions WHERE scope = ? AND name = ?');
  const dropSubscriptionDeliveries = database.prepare('DELETE FROM deliveries WHERE scope = ? AND subscription = ?');
  const dropOrphans = database.prepare('DELETE FROM events WHERE seq NOT IN (SELECT seq FROM deliveries)');

  const saveDelivery = (d: Delivery): void => {
    putDelivery.run(
      d.seq,
      d.scope,
      d.subscription,
      d.attempts,
      d.nextAt,
      d.lastAttemptAt ?? null,
      d.lastOutcome ?? null,
      d.lastStatus ?? null,
      d.deadLetterReason ?? null,
    );
  };

  return {
    createdAtMs,
    nextSeq: () => ++lastSeq,
    addEvent: ({ seq, schema, publishTime, event }, deliveries) =>
      commits.run(() => {
        saveSeq.run(seq);
        insertEvent.run(seq, schema, publishTime, JSON.stringify(event));
        for (const delivery of deliveries) saveDelivery(delivery);
      }),
    readEvent: (seq) => {
      const row = selectEvent.get(seq);
      if (row === undefined) return undefined;
      const event: unknown = JSON.parse(String(row.body));
      return { seq, publishTime: String(row.publish_time), schema: row.schema, event } as StoredEvent;
    },
    updateDelivery: (delivery) => commits.run(() => saveDelivery(delivery)),
    removeDelivery: ({ seq, scope, subscription }) =>
      commits.run(() => {
        dropDelivery.run(seq, scope, subscription);
        dropEvent.run(seq);
      }),
    listDeliveries: () => database.prepare('SELECT * FROM deliveries ORDER BY seq').all().map(deliveryFromRow),
    putSubscription: (subscription) =>
      commits.run(() => {
        upsertSubscription.run(subscription.scope, subscription.name, JSON.stringify(subscription));
      }),
    deleteSubscription: (scope, name) =>
      commits.run(() => {
        dropSubscription.run(scope, name);
        dropSubscriptionDeliveries.run(scope, name);
        dropOrphans.run();
      }),
    listSubscriptions: () =>
      database
        .prepare('SELECT body FROM subscriptions ORDER BY scope, name')
        .all()
        .map((row) => JSON.parse(String(row.body)) as Subscription),
    close: () => {
      commits.flush();
      database.close();
    },
  };
}
