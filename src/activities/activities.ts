/**
 * Every activity with its input and result, like a table of contents. Inputs and results are small and JSON-safe:
 * rows never travel here, only references to them.
 */

import type { Backfill, BackfillProgress, BackfillStory, CanaryOutcome } from '../shared/backfill/backfill.ts';
import type { PipelineRequest, PipelineRunStatus } from '../shared/data-factory/pipeline-run-record.ts';
import type { StepOptions } from '../shared/databricks/job-context.ts';
import type { Batch, FileList } from '../shared/ledger/batch.ts';
import type { RowCounts } from '../shared/ledger/file-record.ts';
import type { Training } from '../shared/models/training.ts';
import type { JobStep } from '../shared/names.ts';
import type { PublicationRef } from '../shared/semantic-model/publication-ref.ts';
import type { ModelRefresh, ModelService } from '../shared/semantic-model/semantic-model.ts';

/** Which steps the contract asks for. */
export interface Plan {
  readonly warehouse: boolean;
  readonly insights: boolean;
}

/** What a batch takes of the files that have arrived. */
export interface Gathering {
  /** With its files; null where none had arrived. */
  readonly batch: Batch | null;
  /** Others had to be left for the next batch. */
  readonly more: boolean;
}

export interface Inspection {
  /** The files that go on to cleansing. */
  readonly files: FileList;
  /** An earlier version of one of them may have brought rows, which are replaced. */
  readonly replacesRows: boolean;
  readonly plan: Plan;
}

/** A step of a batch, or of a training, which is a batch without files here. */
export interface JobRequest extends StepOptions {
  readonly batch: Batch;
  readonly step: JobStep;
  readonly attempt: number;
}

/** A set of files, and the one for which it is looked at. */
export interface SetRef {
  readonly dataset: string;
  readonly set: string;
  readonly file?: string;
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
  /** Published rows have scores of another model now. */
  readonly rescore?: boolean;
}

export interface QualityVerdict {
  readonly passed: boolean;
  /** Why it did not pass, for a person. */
  readonly reason: string;
  readonly rows: RowCounts;
  /** The files that are left: those that changed while they were read, or could not be read, are out of the batch. */
  readonly files: FileList;
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

/** What a training finds before any Databricks run is bought. */
export interface TrainingOpening {
  /** `ended`: this training came to its end before. `unchanged`: there is nothing to learn. */
  readonly kind: 'ended' | 'unchanged' | 'train';
  readonly reason: string;
  /** What is learnt from, to be remembered after the verdict. */
  readonly lesson: string;
  /** Published scores are not of the champion. */
  readonly rescore: boolean;
}

/** A training whose job has ended, and what it learnt from. */
export interface TrainingRef {
  readonly training: Training;
  readonly lesson: string;
}

export interface TrainingConclusion {
  /** Published rows have scores of another model now. */
  readonly rescore: boolean;
}

/** Why a dataset's rows are to be scored and published again. */
export interface RefreshRequest {
  readonly dataset: string;
  readonly why: string;
  /** Makes the wish one, however often it is repeated. */
  readonly cause: string;
}

export interface TrainingEnding {
  readonly training: Training;
  readonly status: 'succeeded' | 'unchanged' | 'failed';
  readonly reason?: string;
  readonly error?: string;
}

/** Files of a backfill that are to be begun: so many from a place in its list on. */
export interface BackfillPart {
  readonly backfill: Backfill;
  readonly from: number;
  /** Only the first: the canary. */
  readonly alone: boolean;
  readonly progress: BackfillProgress;
}

/** What was begun of a backfill, or why it does not go on. */
export type BegunPart =
  | {
      /** The entries that were made. */
      readonly entries: FileList;
      /** Where the next part begins. */
      readonly next: number;
      readonly progress: BackfillProgress;
    }
  | { readonly stop: 'canceled' | 'failed'; readonly reason: string };

/** Entries of a backfill that are under way. */
export interface BackfillWait {
  readonly backfill: Backfill;
  readonly entries: FileList;
  /** How far it had come before. */
  readonly progress: BackfillProgress;
}

export interface BackfillOutcome {
  /** How many have not ended. */
  readonly open: number;
  readonly progress: BackfillProgress;
  /** Why some of them failed. */
  readonly failure?: string;
}

export interface BackfillEnding {
  readonly backfill: Backfill;
  readonly status: 'succeeded' | 'failed' | 'canceled';
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

/** The instance that refreshes the model in a service; `replaces` names one that did and is no more. */
export interface RefreshDriver {
  readonly service: ModelService;
  readonly driver: string;
  readonly replaces?: string;
}

export interface RefreshStart {
  readonly service: ModelService;
  readonly publications: readonly PublicationRef[];
  /** A refresh that began at this time or later shows all of them. */
  readonly since: string;
}

/** A refresh that is under way, or the reason why there is none. */
export interface BegunRefresh {
  readonly id: string;
  /** It shows what was published; otherwise it is somebody's that has to end first. */
  readonly covers: boolean;
  readonly timeoutSeconds: number;
  readonly refusal?: string;
}

export interface RefreshRef {
  readonly service: ModelService;
  readonly id: string;
}

/** How a refresh stands; while it is running, `endedAt` is now. */
export interface RefreshOutcome extends Pick<ModelRefresh, 'state' | 'message' | 'startedAt'> {
  readonly endedAt: string;
}

/** How it went; `error` when it did not go well. */
export interface RefreshEnding {
  readonly startedAt: string;
  readonly endedAt: string;
  readonly error?: string;
}

export interface RefreshRecord {
  readonly service: ModelService;
  readonly publications: readonly PublicationRef[];
  readonly ending: RefreshEnding;
}

export interface Activities {
  readonly 'last-batch-number': (dataset: string) => Promise<number>;
  /** Takes the files that have arrived, up to the limits of a batch. */
  readonly 'gather-files': (batch: Batch) => Promise<Gathering>;
  /** Has a set of files go on where it is complete, or its time has come. */
  readonly 'settle-set': (ref: SetRef & { readonly overdue: boolean }) => Promise<null>;
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
  readonly 'request-refresh': (request: RefreshRequest) => Promise<null>;
  readonly 'open-training': (training: Training) => Promise<TrainingOpening>;
  readonly 'conclude-training': (ref: TrainingRef) => Promise<TrainingConclusion>;
  readonly 'end-training': (ending: TrainingEnding) => Promise<null>;
  readonly 'open-backfill': (story: BackfillStory) => Promise<null>;
  readonly 'begin-backfill-part': (part: BackfillPart) => Promise<BegunPart>;
  readonly 'await-backfill-part': (wait: BackfillWait) => Promise<BackfillOutcome>;
  readonly 'judge-canary': (wait: BackfillWait) => Promise<CanaryOutcome>;
  readonly 'end-backfill': (ending: BackfillEnding) => Promise<null>;
  readonly 'start-pipeline': (request: PipelineRequest) => Promise<PipelineStart>;
  readonly 'await-pipeline': (run: PipelineRunRef) => Promise<PipelineRunStatus>;
  readonly 'cancel-pipeline': (run: PipelineRunRef & { readonly reason: PipelineEnding }) => Promise<PipelineRunStatus>;
  readonly 'fail-pipeline': (ending: PipelineEnding & { readonly id: string }) => Promise<null>;
  readonly 'find-semantic-models': (dataset: string) => Promise<readonly ModelService[]>;
  readonly 'drive-refresh': (driver: RefreshDriver) => Promise<null>;
  readonly 'start-refresh': (start: RefreshStart) => Promise<BegunRefresh>;
  readonly 'await-refresh': (refresh: RefreshRef) => Promise<RefreshOutcome>;
  readonly 'cancel-refresh': (refresh: RefreshRef) => Promise<null>;
  readonly 'record-refresh': (record: RefreshRecord) => Promise<null>;
}

export type ActivityName = keyof Activities;
export type ActivityInput<N extends ActivityName> = Parameters<Activities[N]>[0];
export type ActivityResult<N extends ActivityName> = Awaited<ReturnType<Activities[N]>>;
