import type { TaskSpec } from '../domain/job-settings.ts';
import type { RunRecord, RunState, TaskRunRecord } from '../domain/records.ts';
import {
  CANCELED,
  failed,
  internalError,
  PENDING,
  SUCCEEDED,
  TIMED_OUT,
  WAITING_FOR_RETRY,
} from '../domain/run-states.ts';
import type { TaskOutcome } from '../worker/worker-pool.ts';

const MAX_WORKER_LOSSES = 3;

/** An attempt with the end that the outcome of its process means. `lostWith` says what a lost one was lost with. */
export function endedAttempt(
  run: RunRecord,
  task: TaskRunRecord,
  outcome: TaskOutcome,
  lostWith: 'emulator' | 'worker',
): TaskRunRecord {
  const ended = { ...task, endTime: Date.now() };
  if (outcome.kind === 'succeeded') return { ...ended, state: SUCCEEDED };
  const stopped = run.stop === 'canceled' ? CANCELED : run.stop === 'timedout' || task.timedOut ? TIMED_OUT : undefined;
  if (stopped !== undefined) return { ...ended, state: stopped, error: stopped.message };
  return {
    ...ended,
    state: brokenState(outcome),
    error: outcome.error,
    ...(outcome.kind === 'failed' && outcome.errorTrace !== '' && { errorTrace: outcome.errorTrace }),
    ...(outcome.kind === 'lost' && { lost: lostWith }),
  };
}

function brokenState(outcome: Exclude<TaskOutcome, { kind: 'succeeded' }>): RunState {
  if (outcome.kind === 'lost') return internalError(`The cluster was lost. ${outcome.error}`);
  if (outcome.kind === 'crashed') return failed(outcome.error, 'DRIVER_ERROR');
  if (outcome.missing) return failed(outcome.error, 'RESOURCE_NOT_FOUND');
  return failed('Workload failed, see run output for details');
}

/**
 * The attempt that follows an ended one, if there is one: a retry within the task's max_retries, or a recovery of an
 * attempt that was lost with the machinery, which is made whatever max_retries says, as when a cluster is replaced. A task
 * that keeps taking the workers down with it is not recovered for ever.
 */
export function nextAttempt(
  run: RunRecord,
  spec: TaskSpec,
  attempts: readonly TaskRunRecord[],
  ended: TaskRunRecord,
  runId: () => number,
): TaskRunRecord | undefined {
  if (run.stop !== null || ended.state.result === 'SUCCESS') return undefined;
  if (!(ended.lost === undefined ? mayRetry(spec, attempts, ended) : mayRecover(attempts, ended))) return undefined;
  const wait = ended.lost === undefined ? spec.minRetryIntervalMs : 0;
  return {
    runId: runId(),
    parentRunId: ended.parentRunId,
    taskKey: ended.taskKey,
    repairId: ended.repairId,
    originalAttemptRunId: ended.originalAttemptRunId,
    attemptNumber: ended.attemptNumber + 1,
    startTime: 0,
    executionTime: 0,
    endTime: 0,
    notBefore: wait > 0 ? Date.now() + wait : 0,
    state: wait > 0 ? WAITING_FOR_RETRY : PENDING,
  };
}

function mayRecover(attempts: readonly TaskRunRecord[], ended: TaskRunRecord): boolean {
  return ended.lost === 'emulator' || attempts.filter((each) => each.lost === 'worker').length < MAX_WORKER_LOSSES;
}

function mayRetry(spec: TaskSpec, attempts: readonly TaskRunRecord[], ended: TaskRunRecord): boolean {
  if (ended.timedOut && !spec.retryOnTimeout) return false;
  const used = attempts.filter((each) => each.repairId === ended.repairId && each.lost === undefined).length - 1;
  return spec.maxRetries < 0 || used < spec.maxRetries;
}
