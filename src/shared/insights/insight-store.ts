import { BulkOperationType, type Container, type JSONObject, type JSONValue } from '@azure/cosmos';
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
      await writeAll(container, writes);
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

/** Bulk items fail one by one: each must end written or reported. The SDK itself repeats those that were throttled. */
async function writeAll(container: Container, documents: readonly InsightDocument[]): Promise<void> {
  if (documents.length === 0) return;
  const results = await container.items.executeBulkOperations(
    documents.map((document) => ({
      operationType: BulkOperationType.Upsert,
      partitionKey: document.pk,
      resourceBody: { ...document } as unknown as JSONObject,
    })),
  );
  const failed = results.filter((result) => result.error !== undefined || (result.response?.statusCode ?? 500) >= 300);
  const [first] = failed;
  if (first === undefined) return;
  const cause = first.error ?? new Error(`status ${first.response?.statusCode}`);
  throw new LandfallError(
    'InsightsNotWritten',
    `${failed.length} of ${documents.length} insight documents were not written`,
    { cause },
  );
}
