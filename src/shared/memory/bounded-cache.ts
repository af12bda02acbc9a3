/** Remembers values up to a total size, and forgets those first that were not asked for the longest. */
export interface BoundedCache<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
  delete(key: string): void;
}

/** Makes a cache; a value that is larger than all of it is not kept. */
export function createBoundedCache<T>(largest: number, sizeOf: (key: string, value: T) => number): BoundedCache<T> {
  const entries = new Map<string, { readonly value: T; readonly size: number }>();
  let total = 0;
  const remove = (key: string): void => {
    total -= entries.get(key)?.size ?? 0;
    entries.delete(key);
  };
  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key); // a map keeps the order of insertion: what was asked for goes to the end
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value) {
      remove(key);
      const size = sizeOf(key, value);
      if (size > largest) return;
      entries.set(key, { value, size });
      total += size;
      for (const [oldest] of entries) {
        if (total <= largest) break;
        remove(oldest);
      }
    },
    delete: remove,
  };
}
