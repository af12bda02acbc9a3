import type { Delivery, Subscription } from '../entities.ts';
import type { EventStore, StoredEvent } from '../store/event-store.ts';
import { outline } from '../subscriptions/matches-filter.ts';
import { afterAttempt, giveUp } from './after-attempt.ts';
import type { WriteDeadLetter } from './dead-letter.ts';
import { createDueQueue } from './due-queue.ts';
import { createEndpointWatch, originOf } from './endpoint-watch.ts';
import type { Sender } from './post.ts';
import type { RecentOutcome, RecentOutcomes } from './recent-outcomes.ts';
import { toRequest } from './to-request.ts';

/** What delivery needs of the rest. */
export interface DelivererParts {
  readonly store: EventStore;
  readonly sender: Sender;
  readonly findSubscription: (scope: string, name: string) => Subscription | undefined;
  readonly writeDeadLetter: WriteDeadLetter;
  readonly recent: RecentOutcomes;
  readonly log: (message: string) => void;
  readonly retrySeconds: readonly number[];
  readonly concurrency: number;
}

/** Carries events to subscribers: at least once, in parallel, in no order. */
export interface Deliverer {
  /** Takes a delivery that the store already holds. */
  take(delivery: Delivery): void;
  /** Tries at once whatever waits for a subscription: its endpoint has just been proven anew. */
  release(scope: string, subscription: string): void;
  /** Deliveries that are not done, with their place in the schedule. */
  pending(): Delivery[];
  /** Starts no further attempt and waits for those under way. */
  close(): Promise<void>;
}

const DEAD_LETTER_RETRY_MS = 30_000;
const DEAD_LETTER_PATIENCE_MS = 4 * 3600_000;

const keyOf = (d: Delivery): string => `${d.seq} ${d.scope} ${d.subscription}`;
const laneOf = (d: Delivery): string => `${d.scope} ${d.subscription}`;

interface Lane {
  readonly ready: Delivery[];
  active: number;
}

/** Makes a deliverer that resumes, at once, whatever the store still holds from before. */
export function createDeliverer(parts: DelivererParts): Deliverer {
  const { store, sender, findSubscription, recent, log } = parts;
  const lanes = new Map<string, Lane>();
  const waiting = new Map<string, Delivery>();
  const underWay = new Map<string, Promise<void>>();
  let closed = false;

  const due = createDueQueue<Delivery>((delivery) => {
    // A delivery that was released early, or has gone, leaves its entry in the queue behind.
    if (waiting.get(keyOf(delivery)) === delivery) makeReady(delivery);
  });
  const watch = createEndpointWatch((origin) => {
    for (const delivery of [...waiting.values()]) {
      const endpoint = findSubscription(delivery.scope, delivery.subscription)?.endpointUrl;
      const refused = delivery.lastOutcome === 'ConnectionRefused' && delivery.deadLetterReason === undefined;
      if (refused && endpoint !== undefined && originOf(endpoint) === origin) makeReady(delivery);
    }
  });

  function makeReady(delivery: Delivery): void {
    waiting.delete(keyOf(delivery));
    const lane = lanes.get(laneOf(delivery)) ?? { ready: [], active: 0 };
    lanes.set(laneOf(delivery), lane);
    lane.ready.push(delivery);
    pump(lane);
  }

  function pump(lane: Lane): void {
    while (!closed && lane.active < parts.concurrency) {
      const delivery = lane.ready.shift();
      if (delivery === undefined) return;
      lane.active++;
      const work = attempt(delivery)
        .catch((error: unknown) => {
          log(`delivery of event ${delivery.seq} to ${delivery.subscription} will be tried again: ${String(error)}`);
          if (!closed) postpone({ ...delivery, nextAt: Date.now() + DEAD_LETTER_RETRY_MS });
        })
        .finally(() => {
          underWay.delete(keyOf(delivery));
          lane.active--;
          pump(lane);
        });
      underWay.set(keyOf(delivery), work);
    }
  }

  function postpone(delivery: Delivery): void {
    waiting.set(keyOf(delivery), delivery);
    due.add(delivery.nextAt, delivery);
  }

  async function attempt(delivery: Delivery): Promise<void> {
    const subscription = findSubscription(delivery.scope, delivery.subscription);
    const event = store.readEvent(delivery.seq);
    if (subscription === undefined || event === undefined) return store.removeDelivery(delivery);
    if (delivery.deadLetterReason !== undefined) return deadLetter(delivery, event, subscription);

    const { eventTimeToLiveInMinutes } = subscription.retryPolicy;
    if (Date.now() > Date.parse(event.publishTime) + eventTimeToLiveInMinutes * 60_000) {
      return deadLetter(giveUp(delivery, 'TimeToLiveExceeded', Date.now()).delivery, event, subscription);
    }
    const request = toRequest(event, subscription, delivery.attempts);
    const outcome = await sender.send('POST', subscription.endpointUrl, request.headers, request.body);
    const verdict = afterAttempt(delivery, outcome, subscription.retryPolicy, parts.retrySeconds, Date.now());
    if (verdict.kind === 'delivered') return finish(delivery, event, 'delivered');

    await store.updateDelivery(verdict.delivery);
    if (verdict.kind === 'give-up') return deadLetter(verdict.delivery, event, subscription);
    if (closed) return;
    postpone(verdict.delivery);
    if (outcome.kind === 'refused') watch.watch(subscription.endpointUrl);
  }

  async function deadLetter(delivery: Delivery, event: StoredEvent, subscription: Subscription): Promise<void> {
    const container = subscription.deadLetterContainer;
    const what = `event ${event.event.id} for ${delivery.subscription} (${delivery.deadLetterReason})`;
    if (container === undefined) {
      log(`dropped ${what}: the subscription has no dead-letter container`);
      return finish(delivery, event, 'dropped');
    }
    try {
      await parts.writeDeadLetter(container, event, delivery, subscription);
    } catch (error) {
      const since = delivery.lastAttemptAt ?? Date.parse(event.publishTime);
      if (Date.now() - since < DEAD_LETTER_PATIENCE_MS) {
        log(`${what} waits for its dead letter to be written: ${String(error)}`);
        const later = { ...delivery, nextAt: Date.now() + DEAD_LETTER_RETRY_MS };
        await store.updateDelivery(later);
        if (!closed) postpone(later);
        return;
      }
      log(`dropped ${what}: its dead letter could not be written for four hours: ${String(error)}`);
      return finish(delivery, event, 'dropped');
    }
    log(`dead-lettered ${what}`);
    return finish(delivery, event, 'dead-lettered');
  }

  async function finish(delivery: Delivery, event: StoredEvent, result: RecentOutcome['result']): Promise<void> {
    const at = new Date().toISOString();
    const attempts = result === 'delivered' ? delivery.attempts + 1 : delivery.attempts;
    const name = delivery.subscription;
    recent.add({ at, subscription: name, result, attempts, id: event.event.id, ...outline(event) });
    await store.removeDelivery(delivery);
  }

  for (const delivery of store.listDeliveries()) makeReady(delivery);

  return {
    take: makeReady,
    release: (scope, subscription) => {
      for (const delivery of [...waiting.values()]) {
        const concerned = delivery.scope === scope && delivery.subscription === subscription;
        if (concerned && delivery.deadLetterReason === undefined) makeReady(delivery);
      }
    },
    pending: () => [...[...lanes.values()].flatMap((lane) => lane.ready), ...waiting.values()],
    close: async () => {
      closed = true;
      due.close();
      watch.close();
      await Promise.allSettled(underWay.values());
    },
  };
}
