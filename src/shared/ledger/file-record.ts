import { createHash } from 'node:crypto';

export const FILE_STATUSES = [
  'waiting',
  'arrived',
  'processing',
  'published',
  'rejected',
  'unchanged',
  'superseded',
  'retracted',
  'failed',
] as const;
/** Where a landed file stands. `waiting` (for its set), `arrived` and `processing` are on their way, all others are final for this version of the file. */
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

/** That a version of a file, which has been through a batch, goes through another one under the contract of the day. */
export interface Replay {
  /** The entry whose rows it takes the place of. */
  readonly of: string;
  /** The how manieth of this version of the file. */
  readonly number: number;
  readonly requestedAt: string;
  /** The backfill that asked for it. */
  readonly backfill?: string;
}

/** The entry that took the place of another one, and when. */
export interface Replacement {
  readonly id: string;
  readonly batch: string;
  readonly at: string;
}

/**
 * One version of one landed file: its path and eTag make it one, however often it is announced. A replay of it is an entry
 * of its own, so that the books of before stay as they were.
 */
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
  readonly replay?: Replay;
  /** The file was deleted: this entry takes back what its earlier ones brought. Once it has, it is `retracted`. */
  readonly deleted?: true;
  /** The set that it belongs to, where files are processed in sets. */
  readonly set?: string;
  /** It names the files of its set, and brings no rows itself. */
  readonly manifest?: true;
  /** What its set went without when the deadline had passed. */
  readonly missing?: string;
  /** Entries of the same path that this one takes the place of, once it is published. */
  readonly replaces?: readonly string[];
  /** What this entry brought, rejected rows included, no longer counts. */
  readonly replacedBy?: Replacement;
  /** Its refused rows landed once more, corrected, as a file of their own: they are no longer to be seen to. */
  readonly correctedBy?: Replacement;
}

/** The ledger's key of a file version, or of a replay of it: 32 hex digits, free of the characters that instance ids forbid. */
export function fileId(path: string, etag: string, replay = 0): string {
  const name = replay === 0 ? `${path}\n${etag}` : `${path}\n${etag}\nreplay ${replay}`;
  return createHash('sha256').update(name).digest('hex').slice(0, 32);
}

/** Orders entries of one path: by version, and within one by replay. */
export function byVersion(a: FileRecord, b: FileRecord): number {
  if (a.sequencer !== b.sequencer) return a.sequencer < b.sequencer ? -1 : 1;
  return (a.replay?.number ?? 0) - (b.replay?.number ?? 0);
}

/** Whether an entry has come to its end. */
export function isFinal({ status }: FileRecord): boolean {
  return status !== 'waiting' && status !== 'arrived' && status !== 'processing';
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

/** Refused rows by rule, over several books; the most frequent in front. */
export function addReasons(reasons: readonly RuleCount[]): { readonly rule: string; readonly rows: number }[] {
  const sums = new Map<string, number>();
  for (const { rule, rows } of reasons) sums.set(rule, (sums.get(rule) ?? 0) + rows);
  return [...sums].map(([rule, rows]) => ({ rule, rows })).sort((a, b) => b.rows - a.rows);
}
