import { createHash } from 'node:crypto';

export const FILE_STATUSES = [
  'arrived',
  'processing',
  'published',
  'rejected',
  'unchanged',
  'superseded',
  'failed',
] as const;
/** Where a landed file stands. `arrived` and `processing` are on their way, all others are final for this version of the file. */
export type FileStatus = (typeof FILE_STATUSES)[number];

/** The books of a file or a batch: read = loaded + quarantined + duplicates + superseded. */
export interface RowCounts {
  readonly read: number;
  readonly loaded: number;
  readonly quarantined: number;
  readonly duplicates: number;
  readonly superseded: number;
}

/** Rows that broke one rule, with one of them as an example. */
export interface RuleCount {
  readonly rule: string;
  readonly rows: number;
  readonly example?: string;
}

/** One version of one landed file: its path and eTag make it one, however often it is announced. */
export interface FileRecord {
  readonly id: string;
  readonly dataset: string;
  readonly path: string;
  readonly etag: string;
  readonly size: number;
  readonly sequencer: string;
  readonly landedAt: string;
  readonly traceparent?: string;
  readonly status: FileStatus;
  readonly reason?: string;
  readonly md5?: string;
  readonly batch?: string;
  readonly contractVersion?: string;
  readonly rows?: RowCounts;
  readonly reasons?: readonly RuleCount[];
  readonly publishedAt?: string;
}

/** The ledger's key of a file version: 32 hex digits, free of the characters that instance ids forbid. */
export function fileId(path: string, etag: string): string {
  return createHash('sha256').update(`${path}\n${etag}`).digest('hex').slice(0, 32);
}

export const NO_ROWS: RowCounts = { read: 0, loaded: 0, quarantined: 0, duplicates: 0, superseded: 0 };

/** Sums of several books. */
export function addRows(counts: readonly RowCounts[]): RowCounts {
  return counts.reduce(
    (sum, rows) => ({
      read: sum.read + rows.read,
      loaded: sum.loaded + rows.loaded,
      quarantined: sum.quarantined + rows.quarantined,
      duplicates: sum.duplicates + rows.duplicates,
      superseded: sum.superseded + rows.superseded,
    }),
    NO_ROWS,
  );
}

/** Whether every row read ended in one of the four places. */
export function balances(rows: RowCounts): boolean {
  return rows.read === rows.loaded + rows.quarantined + rows.duplicates + rows.superseded;
}
