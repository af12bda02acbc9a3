import type { Container, JSONObject, JSONValue } from '@azure/cosmos';
import type { Page } from '../cosmos/pages.ts';
import { fetchPage } from '../cosmos/pages.ts';
import { LandfallError } from '../errors.ts';
import {
  type InsightDocument,
  type InsightValue,
  insightPartition,
  planUpserts,
  visibleAt,
} from './insight-document.ts';

/** Insight rows, versioned. */
export interface InsightStore {
  /**
   * Writes what changes between the published version and `next`; readers see nothing of it until `next` is published.
   * @returns how many rows the insight has, and how many documents were written.
   */
  upsert(request: UpsertRequest): Promise<{ readonly rows: number; readonly written: number }>;
  /** One page of the rows of a version that match the filters, in the order of their keys. */
  query(request: QueryRequest): Promise<Page<InsightValue>>;
}

export interface UpsertRequest {
  readonly dataset: string;
  readonly insight: string;
  readonly key: readonly string[];
  readonly rows: readonly InsightValue[];
  readonly published: number;
  readonly next: number;
}

export interface QueryRequest {
  readonly dataset: string;
  readonly insight: string;
  readonly version: number;
  readonly filters: Readonly<Record<string, JSONValue>>;
  readonly limit: number;
  readonly continuation?: string;
}

/** Insights in a Cosmos DB container whose partition key `/pk` is `<dataset>/<insight>`: every query stays in one partition. */
export function createInsightStore(container: Container): InsightStore {
  return {
    async upsert({ dataset, insight, key, rows, published, next }) {
      const pk = insightPartition(dataset, insight);
      const existing = await container.items.query<InsightDocument>('SELECT * FROM c', { partitionKey: pk }).fetchAll();
      const writes = planUpserts(pk, key, existing.resources, rows, published, next);
      await writeAll(container, pk, writes);
      return { rows: rows.length, written: writes.length };
    },
    async query({ dataset, insight, version, filters, limit, continuation }) {
      const names = Object.keys(filters);
      // Filters are on key columns or on columns that a key determines, but a value may change: both states are asked.
      const matches = (state: string): string =>
        names.map((name) => ` AND c.${state}["value"].${name} = @${name}`).join('');
      const present = (state: string): string => `NOT IS_NULL(c.${state}["value"])${matches(state)}`;
      const query =
        `SELECT c.id, c.current, c.previous FROM c WHERE (c.current.version <= @version AND ${present('current')})` +
        ` OR (c.current.version > @version AND NOT IS_NULL(c.previous) AND ${present('previous')}) ORDER BY c.id`;
      const parameters = [
        { name: '@version', value: version },
        ...names.map((name) => ({ name: `@${name}`, value: filters[name] ?? null })),
      ];
      const page = await fetchPage<InsightDocument>(
        container,
        { query, parameters },
        {
          limit,
          partitionKey: insightPartition(dataset, insight),
          ...(continuation === undefined ? {} : { continuation }),
        },
      );
      const items = page.items
        .map((document) => visibleAt(document, version)?.value ?? undefined)
        .filter((value) => value !== undefined);
      return page.continuation === undefined ? { items } : { items, continuation: page.continuation };
    },
  };
}

/** Limits of a transactional batch: 100 operations and 2 MB, of which the request's own text takes a part. */
const BATCH_OPERATIONS = 100;
const BATCH_BYTES = 1_500_000;
const BATCHES_AT_ONCE = 4;

/**
 * Writes documents of one partition in transactional batches, so that each is written whole or reported. The SDK
 * repeats batches that were throttled. (Its bulk executor waits a second before it sends a batch that is not full.)
 */
async function writeAll(container: Container, pk: string, documents: readonly InsightDocument[]): Promise<void> {
  const batches = chunk(documents);
  const work = async (): Promise<void> => {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift())
      await writeBatch(container, pk, batch);
  };
  await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, work));
}

async function writeBatch(container: Container, pk: string, batch: readonly InsightDocument[]): Promise<void> {
  const operations = batch.map((document) => ({
    operationType: 'Upsert' as const,
    resourceBody: { ...document } as unknown as JSONObject,
  }));
  const { result, code } = await container.items.batch(operations, pk);
  const failed =
    result?.find(({ statusCode }) => statusCode >= 300 && statusCode !== 424) ??
    result?.find(({ statusCode }) => statusCode >= 300);
  if (failed !== undefined || code === undefined || code >= 300) {
    throw new LandfallError(
      'InsightsNotWritten',
      `A batch of ${batch.length} insight documents of ${pk} was refused with status ${failed?.statusCode ?? code}.`,
    );
  }
}

function chunk(documents: readonly InsightDocument[]): InsightDocument[][] {
  const chunks: InsightDocument[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const document of documents) {
    const size = Buffer.byteLength(JSON.stringify(document));
    const last = chunks.at(-1);
    if (last === undefined || last.length === BATCH_OPERATIONS || bytes + size > BATCH_BYTES) {
      chunks.push([document]);
      bytes = size;
    } else {
      last.push(document);
      bytes += size;
    }
  }
  return chunks;
}
