/** One finished delivery, for people who wonder where an event went. */
export interface RecentOutcome {
  readonly at: string;
  readonly subscription: string;
  readonly result: 'delivered' | 'dead-lettered' | 'dropped';
  readonly attempts: number;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
}

/** The last outcomes since start, newest first. */
export interface RecentOutcomes {
  add(outcome: RecentOutcome): void;
  list(): RecentOutcome[];
}

/** Keeps the last `size` outcomes in memory. */
export function createRecentOutcomes(size = 500): RecentOutcomes {
  const ring: RecentOutcome[] = [];
  return {
    add: (outcome) => {
      ring.push(outcome);
      if (ring.length > size * 2) ring.splice(0, ring.length - size);
    },
    list: () => ring.slice(-size).reverse(),
  };
}
