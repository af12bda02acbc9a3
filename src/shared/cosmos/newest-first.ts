import type { Container, JSONValue, SqlParameter } from '@azure/cosmos';
import { LandfallError } from '../errors.ts';
import { equalities, type Page } from './pages.ts';

/** What to list: in which partitions, by which time, with which fields equal. */
export interface Listing {
  readonly partitions: readonly string[];
  /** The field that holds an ISO 8601 time in UTC. */
  readonly time: string;
  readonly filter: Readonly<Record<string, JSONValue | undefined>>;
  /** More conditions on `c`, all of which hold; their parameters are not those of the filter. */
  readonly where?: { readonly conditions: readonly string[]; readonly parameters: readonly SqlParameter[] };
  readonly limit: number;
  readonly continuation?: string;
}

/** Where the next page begins: at a time, behind the documents of that very time that were given out. */
interface Position {
  readonly before: string;
  readonly seen: readonly string[];
}

/**
 * Lists documents of several partitions, newest first, by one query in each. A cross-partition query with an order has
 * no continuation in Cosmos DB's SDK; a position in time works everywhere, and stays right while documents are added.
 * @throws LandfallError `InvalidContinuation` when the continuation is none that was given out
 */
export async function newestFirst<T extends { readonly id: string }>(
  container: Container,
  listing: Listing,
): Promise<Page<T>> {
  const { partitions, time, filter, limit } = listing;
  const position = listing.continuation === undefined ? undefined : parsePosition(listing.continuation);
  const { conditions, parameters } = equalities(filter);
  conditions.push(...(listing.where?.conditions ?? []));
  parameters.push(...(listing.where?.parameters ?? []));
  if (position !== undefined) {
    conditions.push(`c.${time} <= @before`);
    parameters.push({ name: '@before', value: position.before });
  }
  const wanted = limit + 1 + (position?.seen.length ?? 0);
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const query = { query: `SELECT TOP ${wanted} * FROM c${where} ORDER BY c.${time} DESC`, parameters };
  const found = await Promise.all(
    partitions.map(
      async (partitionKey) => (await container.items.query<T>(query, { partitionKey }).fetchAll()).resources,
    ),
  );
  const timeOf = (document: T): string => String((document as Readonly<Record<string, unknown>>)[time]);
  const seen = new Set(position?.seen);
  const ordered = found
    .flat()
    .filter(({ id }) => !seen.has(id))
    .sort((a, b) => (timeOf(a) === timeOf(b) ? (a.id < b.id ? 1 : -1) : timeOf(a) < timeOf(b) ? 1 : -1));
  const items = ordered.slice(0, limit);
  const last = items.at(-1);
  if (last === undefined || ordered.length <= limit) return { items };
  const before = timeOf(last);
  const ofThatTime = items.filter((document) => timeOf(document) === before).map(({ id }) => id);
  const next: Position = { before, seen: before === position?.before ? [...position.seen, ...ofThatTime] : ofThatTime };
  return { items, continuation: JSON.stringify(next) };
}

function parsePosition(text: string): Position {
  try {
    const { before, seen } = JSON.parse(text) as Partial<Position>;
    if (typeof before === 'string' && Array.isArray(seen) && seen.every((id) => typeof id === 'string'))
      return { before, seen };
  } catch {
    // falls through: not ours
  }
  throw new LandfallError('InvalidContinuation', 'The continuation is none that was given out.');
}
