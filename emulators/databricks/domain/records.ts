import type { JsonObject } from './json.ts';

export type LifeCycleState =
  | 'BLOCKED'
  | 'QUEUED'
  | 'PENDING'
  | 'RUNNING'
  | 'TERMINATING'
  | 'TERMINATED'
  | 'SKIPPED'
  | 'INTERNAL_ERROR'
  | 'WAITING_FOR_RETRY';

export type ResultState =
  | 'SUCCESS'
  | 'FAILED'
  | 'TIMEDOUT'
  | 'CANCELED'
  | 'SUCCESS_WITH_FAILURES'
  | 'UPSTREAM_FAILED'
  | 'UPSTREAM_CANCELED'
  | 'EXCLUDED'
  | 'MAXIMUM_CONCURRENT_RUNS_REACHED';

/** Where a run or a task run is in its life; the API's `state` and `status` are both made from it. */
export interface RunState {
  readonly lifeCycle: LifeCycleState;
  readonly result?: ResultState;
  readonly code?: string;
  readonly type?: 'SUCCESS' | 'CLIENT_ERROR' | 'INTERNAL_ERROR' | 'CLOUD_FAILURE';
  readonly message: string;
}

/** A saved job. */
export interface JobRecord {
  readonly jobId: number;
  readonly createdTime: number;
  readonly settings: JsonObject;
}

/** One round of a run: the original, or a repair. */
export interface RepairRecord {
  readonly id: number;
  readonly startTime: number;
  readonly endTime: number;
  readonly state: RunState;
}

/** A run of a job, or a submitted one. Times are ms since 1970; `endTime` is 0 until it has ended. */
export interface RunRecord {
  readonly runId: number;
  readonly jobId: number;
  readonly kind: 'JOB_RUN' | 'SUBMIT_RUN';
  readonly settings: JsonObject;
  readonly startTime: number;
  readonly endTime: number;
  readonly state: RunState;
  readonly token: string | null;
  readonly deleted: boolean;
  /** Why the run is being stopped, once somebody asked for it. */
  readonly stop: 'canceled' | 'timedout' | null;
  readonly overrides: RunOverrides;
  readonly repairs: readonly RepairRecord[];
}

/** What the caller of run-now (or of a repair) set for this run alone. */
export interface RunOverrides {
  readonly jobParameters: Readonly<Record<string, string>>;
  readonly pythonParams?: readonly string[];
  readonly pythonNamedParams?: Readonly<Record<string, string>>;
  readonly only?: readonly string[];
}

/** One attempt at one task of a run. */
export interface TaskRunRecord {
  readonly runId: number;
  readonly parentRunId: number;
  readonly taskKey: string;
  readonly attemptNumber: number;
  readonly originalAttemptRunId: number;
  /** The repair that started it; 0 for the original run. */
  readonly repairId: number;
  /** When it was handed to a process; 0 before. */
  readonly startTime: number;
  /** When its code began; 0 before. */
  readonly executionTime: number;
  readonly endTime: number;
  /** A retry is not started before this time. */
  readonly notBefore: number;
  readonly state: RunState;
  readonly error?: string;
  readonly errorTrace?: string;
  /** Set when the attempt was lost with the machinery under it, not by its own failure. */
  readonly lost?: 'emulator' | 'worker';
  readonly timedOut?: boolean;
}

/** Whether a run or a task run has reached its end. */
export function hasEnded(state: RunState): boolean {
  return ['TERMINATED', 'SKIPPED', 'INTERNAL_ERROR'].includes(state.lifeCycle);
}
