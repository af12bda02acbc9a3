import type { Subscription } from '../entities.ts';
import type { EventStore } from '../store/event-store.ts';

/** The subscriptions, in memory as on disk. Names are told apart without regard to case, as in ARM. */
export interface SubscriptionRegistry {
  inScope(scope: string): readonly Subscription[];
  find(scope: string, name: string): Subscription | undefined;
  put(subscription: Subscription): Promise<void>;
  remove(subscription: Subscription): Promise<void>;
}

/** Opens the registry with what the store holds. */
export function createRegistry(store: EventStore): SubscriptionRegistry {
  let all = store.listSubscriptions();
  const same = (one: Subscription, scope: string, name: string): boolean =>
    one.scope === scope && one.name.toLowerCase() === name.toLowerCase();
  const others = (subscription: Subscription): Subscription[] =>
    all.filter((one) => !same(one, subscription.scope, subscription.name));

  return {
    inScope: (scope) => all.filter((one) => one.scope === scope),
    find: (scope, name) => all.find((one) => same(one, scope, name)),
    put: async (subscription) => {
      await store.putSubscription(subscription);
      all = [...others(subscription), subscription];
    },
    remove: async (subscription) => {
      all = others(subscription);
      await store.deleteSubscription(subscription.scope, subscription.name);
    },
  };
}
