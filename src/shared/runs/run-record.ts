import type { BackfillRecord } from '../backfill/backfill.ts';
import type { RowCounts } from '../ledger/file-record.ts';
import type { TrainingRecord } from '../models/training.ts';

export const RUN_STATUSES = ['running', 'succeeded', 'unchanged', 'failed', 'canceled'] as const;
/** `unchanged`: nothing in the batch was new, so nothing was published. */
export type RunStatus = (typeof RUN_STATUSES)[number];

/** What a job warns of without failing: a rule, how many rows break it, and what there is to say. */
export interface Warning {
  readonly rule: string;
  /** Of a constraint: the column that it belongs to. */
  readonly column?: string;
  readonly rows?: number;
  readonly message?: string;
}

/** One thing by which files of a batch differ from the contract, and what became of it. */
export interface DriftFinding {
  /** `new-column`, `missing-column` or `changed-type`. */
  readonly kind: string;
  /** What the files call the column. */
  readonly source: string;
  /** `evolved`, `ignored`, `quarantined` or `rejected`. */
  readonly action: string;
  /** What the dataset calls it, and what its values are. */
  readonly column?: string;
  readonly type?: string;
  readonly rows?: number;
  /** How many files, and the first of them. */
  readonly files: number;
  readonly file: string;
  readonly examples: readonly string[];
}

/** One step of a batch as it went. */
export interface StepRecord {
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly seconds?: number;
  readonly rows?: number;
  readonly databricksRunId?: string;
  readonly detail?: string;
  readonly warnings?: readonly Warning[];
  /** Why it failed, where that does not fail the batch. */
  readonly error?: string;
}

/** What became of one batch, of one training of a model, or of one backfill. */
export interface RunRecord {
  readonly id: string;
  readonly dataset: string;
  /** Absent for a batch. */
  readonly kind?: 'training' | 'backfill';
  readonly training?: TrainingRecord;
  readonly backfill?: BackfillRecord;
  /** Batches count from 1; 0 is none. */
  readonly number: number;
  readonly status: RunStatus;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly files: number;
  /** Why rows that are there already were scored and published again. */
  readonly refresh?: string;
  /** Sets of files that went together in it; `missing`: what one went without when its time had come. */
  readonly sets?: readonly { readonly name: string; readonly missing?: string }[];
  readonly rows?: RowCounts;
  /** Rows of files of earlier batches that count again, since what they had lost to is gone. */
  readonly returned?: number;
  /** Why rows of a batch are quarantined. */
  readonly reasons?: readonly { readonly rule: string; readonly rows: number }[];
  /** How the files of the batch differ from the contract. */
  readonly drift?: readonly DriftFinding[];
  readonly model?: string;
  readonly contractVersion?: string;
  readonly error?: string;
  readonly cancelRequested?: boolean;
  readonly resumes?: number;
  /** It ended without being published, and was resumed when it could not go on as it was: the batch that took its files. */
  readonly continuedIn?: string;
  readonly steps: Readonly<Record<string, StepRecord>>;
}
