import type { Resource } from '../engine.ts';

/** When documents of a container expire. */
export interface Expiries {
  note(document: Resource, defaultTtl: unknown): void;
  forget(rid: string): void;
  /** The rids whose time has come. */
  due(nowSeconds: number): string[];
}

/**
 * The second at which a document expires, if it ever does: nothing does unless the container has a `defaultTtl`; -1 means
 * never, and a document's own `ttl` comes first. Source: "Time to Live (TTL) in Azure Cosmos DB".
 */
export function expiryOf(document: Resource, defaultTtl: unknown): number | undefined {
  if (typeof defaultTtl !== 'number') return undefined;
  const ttl = typeof document.ttl === 'number' ? document.ttl : defaultTtl;
  return ttl > 0 ? Number(document._ts) + ttl : undefined;
}

/** Makes an empty list. It looks through its entries only once the earliest is due. */
export function createExpiries(): Expiries {
  const at = new Map<string, number>();
  let earliest = Number.POSITIVE_INFINITY;
  return {
    note: (document, defaultTtl) => {
      const expiry = expiryOf(document, defaultTtl);
      if (expiry === undefined) {
        at.delete(document._rid);
        return;
      }
      at.set(document._rid, expiry);
      earliest = Math.min(earliest, expiry);
    },
    forget: (rid) => {
      at.delete(rid);
    },
    due: (nowSeconds) => {
      if (nowSeconds < earliest) return [];
      const gone: string[] = [];
      earliest = Number.POSITIVE_INFINITY;
      for (const [rid, expiry] of at) {
        if (expiry <= nowSeconds) gone.push(rid);
        else earliest = Math.min(earliest, expiry);
      }
      return gone;
    },
  };
}
