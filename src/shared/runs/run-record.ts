import type { RowCounts } from '../ledger/file-record.ts';
import type { TrainingRecord } from '../models/training.ts';

export const RUN_STATUSES = ['running', 'succeeded', 'unchanged', 'failed', 'canceled'] as const;
/** `unchanged`: nothing in the batch was new, so nothing was published. */
export type RunStatus = (typeof RUN_STATUSES)[number];

/** One step of a batch as it went. */
export interface StepRecord {
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly seconds?: number;
  readonly rows?: number;
  readonly databricksRunId?: string;
  readonly detail?: string;
  /** Why it failed, where that does not fail the batch. */
  readonly error?: string;
}

/** What became of one batch, or of one training of a model. */
export interface RunRecord {
  readonly id: string;
  readonly dataset: string;
  /** Absent for a batch. */
  readonly kind?: 'training';
  readonly training?: TrainingRecord;
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
  readonly model?: string;
  readonly contractVersion?: string;
  readonly error?: string;
  readonly cancelRequested?: boolean;
  readonly resumes?: number;
  readonly steps: Readonly<Record<string, StepRecord>>;
}
