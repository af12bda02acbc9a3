/** A document without the fields that Cosmos DB adds (`_etag`, `_rid`, …). */
export function plain<T extends object>(document: T): T {
  return Object.fromEntries(Object.entries(document).filter(([name]) => !name.startsWith('_'))) as T;
}
