import type { Deliverer } from './delivery/create-deliverer.ts';
import type { PublishedEvent } from './entities.ts';
import type { EventStore } from './store/event-store.ts';
import type { SubscriptionRegistry } from './subscriptions/create-registry.ts';
import { matchesFilter } from './subscriptions/matches-filter.ts';

/** Resolves once an event is on disk for everyone who wants it; nothing is kept of one that nobody wants. */
export type Publish = (scope: string, seq: number, published: PublishedEvent) => Promise<void>;

/** Makes the one way by which events enter: durable first, then on their way. */
export function createPublish(store: EventStore, registry: SubscriptionRegistry, deliverer: Deliverer): Publish {
  return async (scope, seq, published) => {
    const wanting = registry.inScope(scope).filter(({ filter }) => matchesFilter(filter, published));
    if (wanting.length === 0) return;
    const nextAt = Date.now();
    const deliveries = wanting.map(({ name }) => ({ seq, scope, subscription: name, attempts: 0, nextAt }));
    await store.addEvent({ ...published, seq, publishTime: new Date(nextAt).toISOString() }, deliveries);
    for (const delivery of deliveries) deliverer.take(delivery);
  };
}
