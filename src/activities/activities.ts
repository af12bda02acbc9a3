/**
 * Every activity with its input and result, like a table of contents. Inputs and results are small and JSON-safe:
 * rows never travel here, only references to them.
 */
import type { RowCounts } from '../shared/ledger/file-record.ts';
import type { JobStep } from '../shared/names.ts';

/** One version of a landed file, as it travels through a batch. */
export interface FileRef {
  readonly id: string;
  readonly path: string;
  readonly etag: string;
  readonly size: number;
  readonly sequencer: string;
  readonly landedAt: string;
}

/** Files of one dataset that are processed together. */
export interface Batch {
  readonly id: string;
  readonly dataset: string;
  readonly number: number;
  readonly files: readonly FileRef[];
}

/** Which steps the contract asks for. */
export interface Plan {
  readonly warehouse: boolean;
  readonly insights: boolean;
}

export interface Inspection {
  /** The files that go on to cleansing. */
  readonly accepted: readonly FileRef[];
  /** Paths whose earlier versions this batch replaces. */
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
}

/** The attempt of a step whose result holds. */
export interface StepRef {
  readonly batch: Batch;
  readonly attempt: number;
}

export interface Publishing {
  readonly batch: Batch;
  readonly replaced: readonly string[];
  readonly rows: RowCounts;
}

export interface Ending {
  readonly batch: Batch;
  readonly status: 'succeeded' | 'unchanged' | 'failed';
  readonly rows: RowCounts;
  readonly error?: string;
}

export interface Activities {
  readonly 'inspect-files': (batch: Batch) => Promise<Inspection>;
  readonly 'start-job': (request: JobRequest) => Promise<string>;
  readonly 'await-job': (run: JobRun) => Promise<JobOutcome>;
  readonly 'check-quality': (batch: Batch) => Promise<QualityVerdict>;
  readonly 'load-warehouse': (ref: StepRef) => Promise<number>;
  readonly 'upsert-insights': (batch: Batch) => Promise<number>;
  readonly 'publish-warehouse': (publishing: Publishing) => Promise<null>;
  readonly 'publish-insights': (publishing: Publishing) => Promise<null>;
  readonly 'announce-publication': (publishing: Publishing) => Promise<null>;
  readonly 'end-batch': (ending: Ending) => Promise<null>;
}

export type ActivityName = keyof Activities;
export type ActivityInput<N extends ActivityName> = Parameters<Activities[N]>[0];
export type ActivityResult<N extends ActivityName> = Awaited<ReturnType<Activities[N]>>;
