/**
 * Every activity with its input and result, like a table of contents. Inputs and results are small and JSON-safe:
 * rows never travel here, only references to them.
 */
import type { PipelineRequest, PipelineRunStatus } from '../shared/data-factory/pipeline-run-record.ts';
import type { Batch, FileRef } from '../shared/ledger/batch.ts';
import type { RowCounts } from '../shared/ledger/file-record.ts';
import type { JobStep } from '../shared/names.ts';

/** Which steps the contract asks for. */
export interface Plan {
  readonly warehouse: boolean;
  readonly insights: boolean;
}

export interface Inspection {
  /** The files that go on to cleansing. */
  readonly accepted: readonly FileRef[];
  /** Paths of which an earlier version may have brought rows: they are replaced. */
  readonly replaced: readonly string[];
  readonly plan: Plan;
}

export interface JobRequest {
  readonly batch: Batch;
  readonly step: JobStep;
  readonly attempt: number;
  /** Score without a model: training found too little to learn from. */
  readonly skipModel?: boolean;
}

/** A batch that ended and is to be taken up again. */
export interface Reopening {
  readonly dataset: string;
  readonly id: string;
  /** How many times it will have been resumed. */
  readonly times: number;
}

export interface ReopenedBatch {
  readonly batch: Batch;
  /** Whether what its jobs did still holds: the contract is the same, and nothing was published since. */
  readonly inPlace: boolean;
}

export interface JobRun {
  readonly request: JobRequest;
  readonly runId: string;
}

/** How a run stands; what the next step must know of its result. */
export interface JobOutcome {
  readonly state: 'active' | 'succeeded' | 'failed' | 'canceled';
  readonly message: string;
  readonly needsTraining: boolean;
  readonly trained: boolean;
}

export interface QualityVerdict {
  readonly passed: boolean;
  /** Why it did not pass, for a person. */
  readonly reason: string;
  readonly rows: RowCounts;
  /** Ids of files that changed while they were read: they are out of the batch. */
  readonly leftOut: readonly string[];
}

/** A batch, and the attempt of its scoring whose result holds. */
export interface StepRef {
  readonly batch: Batch;
  readonly attempt: number;
}

/** What the world is told of. */
export interface Announcement {
  readonly batch: Batch;
  readonly rows: RowCounts;
}

export interface Ending {
  readonly batch: Batch;
  readonly status: 'succeeded' | 'unchanged' | 'failed';
  readonly rows: RowCounts;
  readonly error?: string;
}

/** The factory's id of a run, or why it will not have one. */
export type PipelineStart = { readonly runId: string } | { readonly refused: string };

/** A run of a pipeline: our id, and the factory's. */
export interface PipelineRunRef {
  readonly id: string;
  readonly runId: string;
}

/** Why a run of a pipeline ends otherwise than by itself. */
export interface PipelineEnding {
  readonly status: Exclude<PipelineRunStatus, 'running'>;
  readonly error: string;
}

export interface Activities {
  readonly 'last-batch-number': (dataset: string) => Promise<number>;
  readonly 'inspect-files': (batch: Batch) => Promise<Inspection>;
  readonly 'reopen-batch': (reopening: Reopening) => Promise<ReopenedBatch>;
  /** Gives the run's id; null when the batch was cancelled meanwhile. */
  readonly 'start-job': (request: JobRequest) => Promise<string | null>;
  readonly 'await-job': (run: JobRun) => Promise<JobOutcome>;
  readonly 'cancel-job': (runId: string) => Promise<null>;
  readonly 'check-quality': (batch: Batch) => Promise<QualityVerdict>;
  readonly 'load-warehouse': (ref: StepRef) => Promise<number>;
  readonly 'upsert-insights': (batch: Batch) => Promise<number>;
  readonly 'publish-warehouse': (ref: StepRef) => Promise<null>;
  readonly 'publish-insights': (ref: StepRef) => Promise<null>;
  readonly 'announce-publication': (announcement: Announcement) => Promise<null>;
  /** Has the datasets that combine this one refreshed; gives their names. */
  readonly 'refresh-dependents': (batch: Batch) => Promise<readonly string[]>;
  readonly 'end-batch': (ending: Ending) => Promise<null>;
  readonly 'start-pipeline': (request: PipelineRequest) => Promise<PipelineStart>;
  readonly 'await-pipeline': (run: PipelineRunRef) => Promise<PipelineRunStatus>;
  readonly 'cancel-pipeline': (run: PipelineRunRef & { readonly reason: PipelineEnding }) => Promise<PipelineRunStatus>;
  readonly 'fail-pipeline': (ending: PipelineEnding & { readonly id: string }) => Promise<null>;
}

export type ActivityName = keyof Activities;
export type ActivityInput<N extends ActivityName> = Parameters<Activities[N]>[0];
export type ActivityResult<N extends ActivityName> = Awaited<ReturnType<Activities[N]>>;
