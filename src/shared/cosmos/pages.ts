import type { Container, JSONValue, SqlQuerySpec } from '@azure/cosmos';

/** One page of a query and, when there is more, where to go on. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly continuation?: string;
}

/** What to fetch: how many at most, from where, and in which partition. */
export interface PageRequest {
  readonly limit: number;
  readonly continuation?: string;
  readonly partitionKey: string;
}

/** Fetches one page. A page may be short of `limit` and yet carry a continuation, as the service allows. */
export async function fetchPage<T>(container: Container, query: SqlQuerySpec, request: PageRequest): Promise<Page<T>> {
  const iterator = container.items.query<T>(query, {
    maxItemCount: request.limit,
    partitionKey: request.partitionKey,
    ...(request.continuation === undefined ? {} : { continuationToken: request.continuation }),
  });
  const { resources, continuationToken } = await iterator.fetchNext();
  return { items: resources ?? [], ...(continuationToken ? { continuation: continuationToken } : {}) };
}

/** An equality condition for each given field, and their parameters; undefined values are left out. */
export function equalities(fields: Readonly<Record<string, JSONValue | undefined>>): {
  conditions: string[];
  parameters: { name: string; value: JSONValue }[];
} {
  const given = Object.entries(fields).filter((entry): entry is [string, JSONValue] => entry[1] !== undefined);
  return {
    conditions: given.map(([name]) => `c.${name} = @${name}`),
    parameters: given.map(([name, value]) => ({ name: `@${name}`, value })),
  };
}
