import type { Collection, Resource } from '../engine.ts';

/** The path of a container's partition key, as property names; undefined if it has none. */
export function partitionPath(collection: Collection): string[] | undefined {
  const path = collection.read().partitionKey?.paths[0];
  return path === undefined || path === '/_partitionKey' ? undefined : path.slice(1).split('/').map(unquote);
}

/** The value at a document's partition key; undefined if it has none. */
export function partitionOf(document: Readonly<Record<string, unknown>>, path: readonly string[]): unknown {
  let value: unknown = document;
  for (const name of path) {
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  }
  return value;
}

/**
 * Reads the partition key that a client names, `["value"]` in a header or a bulk operation; `[{}]` stands for a document
 * without the property. Gives undefined if the text is none.
 */
export function parsePartitionHeader(text: string | undefined): { readonly value: unknown } | undefined {
  if (text === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    if (!Array.isArray(parsed) || parsed.length !== 1) return undefined;
    const [value]: unknown[] = parsed;
    return { value: typeof value === 'object' && value !== null ? undefined : value };
  } catch {
    return undefined;
  }
}

/** A key under which documents of one partition are kept together: tells 1 from "1". */
export function partitionBucket(value: unknown): string {
  return JSON.stringify(value) ?? 'undefined';
}

/** The bucket of a stored document. */
export function bucketOf(collection: Collection, document: Resource): string {
  const path = partitionPath(collection);
  return partitionBucket(path === undefined ? undefined : partitionOf(document, path));
}

function unquote(name: string): string {
  return name.replace(/^"(.*)"$/, '$1');
}
