import type { FileList } from '../ledger/batch.ts';
import type { RowCounts } from '../ledger/file-record.ts';

/** Which files of a dataset are meant: those that fulfil all that is said. */
export interface Selection {
  readonly dataset: string;
  /** A glob, as in a contract. */
  readonly path?: string;
  /** ISO 8601, in UTC; the second is the first moment that is out. */
  readonly landedFrom?: string;
  readonly landedBefore: string;
  /** Read under this version of the contract. */
  readonly contractVersion?: string;
  /** Numbers of batches, both included. */
  readonly firstBatch?: number;
  readonly lastBatch?: number;
}

/** What is asked for: files to go through the present contract, and how the first of them is judged. */
export interface BackfillRequest {
  readonly selection: Selection;
  /** Which file goes first and alone: this one, one that is chosen (true), or none (false). */
  readonly canary: boolean | string;
  /** The canary fails when the share of its rows that are refused grows by more than this. */
  readonly maxQuarantinedGrowth: number;
}

/** A chosen file: the entry that counts, and its books. */
export interface ChosenFile {
  readonly path: string;
  readonly entry: string;
  readonly size: number;
  readonly landedAt: string;
  readonly contractVersion: string;
  readonly read: number;
  readonly quarantined: number;
}

/** A backfill that was started, as its orchestration is told. The id is also that of its instance and of its run. */
export interface Backfill {
  readonly id: string;
  readonly dataset: string;
  /** The contract that was previewed: under another one it does not go on. */
  readonly contractVersion: string;
  /** The chosen files, the canary in front. */
  readonly files: FileList;
  readonly hasCanary: boolean;
  readonly maxQuarantinedGrowth: number;
}

/** What its orchestration goes on from. */
export interface BackfillStory {
  readonly backfill: Backfill;
  readonly request: BackfillRequest;
  readonly startedAt: string;
  /** How many of the files were begun before, and how far they have come. */
  readonly from?: number;
  readonly progress?: BackfillProgress;
}

/** How far it has come. */
export interface BackfillProgress {
  readonly published: number;
  readonly failed: number;
  /** They were rejected as a whole: none of their rows is in. */
  readonly rejected: number;
  /** Files that nothing was done with, since something came in between. */
  readonly leftOut: number;
  /** Rows of the files that are done: as they were before, and as they are now. */
  readonly before: Pick<RowCounts, 'read' | 'quarantined'>;
  readonly after: Pick<RowCounts, 'read' | 'quarantined'>;
}

export const NO_PROGRESS: BackfillProgress = {
  ...{ published: 0, failed: 0, rejected: 0, leftOut: 0 },
  ...{ before: { read: 0, quarantined: 0 }, after: { read: 0, quarantined: 0 } },
};

/** What became of the first file, which went alone. */
export interface CanaryOutcome {
  readonly path: string;
  readonly passed: boolean;
  /** Why it did not pass, or that it did, for a person. */
  readonly reason: string;
  readonly before?: RowCounts;
  readonly after?: RowCounts;
  /** Refused rows by rule, where any were before or are now. */
  readonly rules: readonly { readonly rule: string; readonly before: number; readonly after: number }[];
}

/** What the run log keeps of a backfill. */
export interface BackfillRecord extends BackfillRequest {
  readonly progress: BackfillProgress;
  readonly outcome?: CanaryOutcome;
  /** Some of the files that were left out, and why. */
  readonly leftOut?: readonly { readonly path: string; readonly reason: string }[];
}

/** The id of a backfill: its preview can be started once. */
export function backfillId(dataset: string, hash: string): string {
  return `backfill-${dataset}-${hash.slice(0, 16)}`;
}

/** The dataset in a backfill's id; undefined when it is no such id. */
export function datasetOfBackfill(id: string): string | undefined {
  return /^backfill-(?<dataset>[a-z][a-z0-9-]*)-[\da-f]{16}$/.exec(id)?.groups?.dataset;
}
