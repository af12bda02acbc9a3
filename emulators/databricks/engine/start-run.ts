import { ApiError, invalidParameter } from '../api-error.ts';
import { readJobSpec } from '../domain/job-settings.ts';
import type { JsonObject } from '../domain/json.ts';
import type { RunOverrides, RunRecord, TaskRunRecord } from '../domain/records.ts';
import { BLOCKED, PENDING, QUEUED, TOO_MANY_RUNS } from '../domain/run-states.ts';
import type { Store } from '../store/store.ts';
import type { Engine } from './engine.ts';

/** A run as its caller asks for it. */
export interface RunRequest {
  readonly kind: RunRecord['kind'];
  /** Absent for a submitted run, which gets a hidden job of its own. */
  readonly jobId?: number;
  readonly settings: JsonObject;
  readonly overrides: RunOverrides;
  readonly token: string | undefined;
  readonly queue: boolean | undefined;
}

/**
 * Starts a run, or, if a run with the same idempotency token exists, gives that one, whatever its state.
 * Over the job's max_concurrent_runs the run is queued if queueing is on, else it ends SKIPPED.
 */
export function startRun(store: Store, engine: Engine, request: RunRequest): RunRecord {
  const { token } = request;
  if (token !== undefined && token.length > 64) {
    throw invalidParameter('idempotency_token must have at most 64 characters.');
  }
  const { run, isNew } = store.transaction(() => {
    const existing = token === undefined ? undefined : store.runs.findByToken(token);
    if (existing?.deleted) {
      throw new ApiError(400, 'INVALID_PARAMETER_VALUE', `The run of idempotency_token ${token} was deleted.`);
    }
    if (existing !== undefined) return { run: existing, isNew: false };
    return { run: createRun(store, request), isNew: true };
  });
  if (isNew && run.state.lifeCycle === 'PENDING') engine.begin(run);
  return run;
}

function createRun(store: Store, request: RunRequest): RunRecord {
  const spec = readJobSpec(request.settings);
  const startTime = Date.now();
  const jobId = request.jobId ?? store.nextId();
  const active = store.runs.activeOfJob(jobId).filter((run) => run.state.lifeCycle !== 'QUEUED').length;
  const isFree = request.kind === 'SUBMIT_RUN' || active < spec.maxConcurrentRuns;
  const state = isFree ? PENDING : (request.queue ?? spec.queueEnabled) ? QUEUED : TOO_MANY_RUNS;
  const endTime = state === TOO_MANY_RUNS ? startTime : 0;
  const run: RunRecord = {
    runId: store.nextId(),
    jobId,
    kind: request.kind,
    settings: request.settings,
    startTime,
    endTime,
    state,
    token: request.token ?? null,
    deleted: false,
    stop: null,
    overrides: request.overrides,
    repairs: [{ id: 0, startTime, endTime, state }],
  };
  store.runs.put(run);
  const only = request.overrides.only;
  const unknown = only?.find((key) => !spec.tasks.some((task) => task.taskKey === key));
  if (unknown !== undefined) throw invalidParameter(`Task ${unknown} in only does not exist.`);
  if (state === TOO_MANY_RUNS) return run;
  for (const task of spec.tasks) {
    if (only === undefined || only.includes(task.taskKey)) {
      store.runs.putTask(firstAttempt(store, run.runId, task.taskKey, 0, 0));
    }
  }
  return run;
}

/** A task run that waits for its upstream tasks. */
export function firstAttempt(
  store: Store,
  parentRunId: number,
  taskKey: string,
  attemptNumber: number,
  repairId: number,
): TaskRunRecord {
  const runId = store.nextId();
  return {
    runId,
    parentRunId,
    taskKey,
    attemptNumber,
    originalAttemptRunId: runId,
    repairId,
    startTime: 0,
    executionTime: 0,
    endTime: 0,
    notBefore: 0,
    state: BLOCKED,
  };
}
