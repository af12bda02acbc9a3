/** Remembers values up to a total size, and forgets first what was not asked for lately. */
export interface BoundedCache<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
  delete(key: string): void;
}

interface Entry<T> {
  readonly value: T;
  readonly size: number;
  /** Whether it was asked for since it was put, or since it was last spared. */
  asked: boolean;
}

/** Makes a cache; a value that is larger than all of it is not kept. */
export function createBoundedCache<T>(largest: number, sizeOf: (key: string, value: T) => number): BoundedCache<T> {
  const entries = new Map<string, Entry<T>>();
  let total = 0;
  const remove = (key: string): void => {
    total -= entries.get(key)?.size ?? 0;
    entries.delete(key);
  };
  // Whoever is read often is marked, and moved only when room is wanted: a read costs one look-up.
  const makeRoom = (size: number): void => {
    for (const [key, entry] of entries) {
      if (total + size <= largest) return;
      if (entry.asked) {
        entry.asked = false;
        entries.delete(key);
        entries.set(key, entry); // a map keeps the order of insertion: its turn comes again last
      } else remove(key);
    }
  };
  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entry.asked = true;
      return entry.value;
    },
    set(key, value) {
      remove(key);
      const size = sizeOf(key, value);
      if (size > largest) return;
      makeRoom(size);
      entries.set(key, { value, size, asked: false });
      total += size;
    },
    delete: remove,
  };
}
