import type { Resource } from '../engine.ts';

/** Documents in the order of their `_rid`, which the query engine's continuation tokens count on. */
export interface RidOrdered {
  put(document: Resource): void;
  remove(rid: string): void;
  all(): Resource[];
  readonly size: number;
}

/** Makes a sorted list with logarithmic look-up; of equal rids the last put stays. */
export function createRidOrdered(): RidOrdered {
  const sorted: Resource[] = [];
  const positionOf = (rid: string): number => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle]?._rid ?? '') < rid) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    put: (document) => {
      const position = positionOf(document._rid);
      sorted.splice(position, sorted[position]?._rid === document._rid ? 1 : 0, document);
    },
    remove: (rid) => {
      const position = positionOf(rid);
      if (sorted[position]?._rid === rid) sorted.splice(position, 1);
    },
    all: () => sorted.slice(),
    get size() {
      return sorted.length;
    },
  };
}
