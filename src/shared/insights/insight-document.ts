import { createHash } from 'node:crypto';

/** The fields of one insight row, as the job published them. */
export type InsightValue = Readonly<Record<string, unknown>>;

/** A row's value from one version on; `value` is null where the version has no such row. */
export interface InsightState {
  readonly version: number;
  readonly hash: string;
  readonly value: InsightValue | null;
}

/**
 * One insight row in Cosmos DB. It holds the newest state and the one before it, so that readers of the published
 * version are never shown a batch that is still being written, and a change costs one write.
 */
export interface InsightDocument {
  readonly id: string;
  readonly pk: string;
  readonly current: InsightState;
  readonly previous: InsightState | null;
}

/** The partition of one insight. */
export function insightPartition(dataset: string, insight: string): string {
  return `${dataset}/${insight}`;
}

/** A document id made of the row's key; free of the characters that Cosmos DB forbids in ids. */
export function insightId(key: readonly unknown[]): string {
  return key.map((part) => encodeURIComponent(String(part))).join('|');
}

/** The state that readers of version `version` see; undefined when the row did not exist then. */
export function visibleAt(document: InsightDocument, version: number): InsightState | undefined {
  const state = document.current.version <= version ? document.current : document.previous;
  return state === null || state.value === null ? undefined : state;
}

const ABSENT = 'absent';

/**
 * Plans the writes that bring an insight's documents from the published version to `next`.
 * Only documents whose value changes, or which an unpublished batch left behind, are written.
 */
export function planUpserts(
  pk: string,
  keyColumns: readonly string[],
  existing: readonly InsightDocument[],
  rows: readonly InsightValue[],
  published: number,
  next: number,
): InsightDocument[] {
  const known = new Map(existing.map((document) => [document.id, document]));
  const wanted = new Map<string, InsightValue | null>(existing.map((document) => [document.id, null]));
  for (const row of rows) wanted.set(insightId(keyColumns.map((column) => row[column])), row);
  const writes: InsightDocument[] = [];
  for (const [id, value] of wanted) {
    const document = known.get(id);
    const hash =
      value === null ? ABSENT : createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22);
    const clean = document === undefined || document.current.version <= published;
    const base = document === undefined ? null : clean ? document.current : document.previous;
    if (clean && (base?.hash ?? ABSENT) === hash) continue;
    if (!clean && document.current.version === next && document.current.hash === hash) continue;
    writes.push({ id, pk, current: { version: next, hash, value }, previous: base });
  }
  return writes;
}
