/** Serialises holders of the same key; different keys do not wait for one another. */
export interface PathLock {
  /** Resolves when the key is ours; call what it gives to let the next one in. */
  acquire(key: string): Promise<() => void>;
}

/** Makes a lock by key, first come first served. */
export function createPathLock(): PathLock {
  const tails = new Map<string, Promise<void>>();
  return {
    acquire: async (key) => {
      const before = tails.get(key);
      const { promise, resolve } = Promise.withResolvers<void>();
      tails.set(key, promise);
      await before;
      return () => {
        if (tails.get(key) === promise) tails.delete(key);
        resolve();
      };
    },
  };
}
