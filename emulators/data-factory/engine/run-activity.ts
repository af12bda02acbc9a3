import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { runnerOf } from '../activities/index.ts';
import { timestamp } from '../definitions/durations.ts';
import { DefinitionError, type JsonObject } from '../definitions/json.ts';
import type { Activity } from '../definitions/pipeline.ts';
import { readReference } from '../definitions/references.ts';
import { type EvaluationContext, ExpressionError, evaluateDocument, toPlain, toValue } from '../expressions/index.ts';
import type { ActivityFailure, ActivityRecord } from '../store/records.ts';
import type { ActivityContext } from './activity-context.ts';
import { ActivityError, Interruption } from './activity-error.ts';
import type { RunExecution } from './run-execution.ts';
import type { Scope } from './scope.ts';

const MOST_INTERRUPTIONS = 3;

interface Task {
  readonly execution: RunExecution;
  readonly activity: Activity;
  readonly scope: Scope;
  /** Its dependencies ended otherwise than it waits for. */
  readonly skip: boolean;
}

/**
 * Brings an activity to its end: skips it, repeats it as its policy says, or, after a crash, takes its record up again.
 * @throws Interruption only when the emulator closes; everything else becomes the record's error.
 */
export async function runActivity(task: Task): Promise<ActivityRecord> {
  const { execution, activity, scope, skip } = task;
  const key = scope.path + activity.name;
  const earlier = execution.host.store.runs.newestAttempt(execution.run.runId, key);
  if (earlier?.final === true) return earlier;
  if (skip || activity.inactiveAs !== undefined) {
    const status = skip ? 'Skipped' : (activity.inactiveAs ?? 'Skipped');
    const record = { ...newRecord(task, key, 0), status, end: timestamp(), final: true, error: inactiveError(task) };
    execution.keep(record);
    return record;
  }
  let record = earlier === undefined ? newRecord(task, key, 0) : resumed(task, key, earlier);
  for (;;) {
    if (!record.final) record = await attempt(task, record);
    if (record.final) return record;
    await pause(execution.signal, activity.policy.retryIntervalSeconds * 1000);
    if (execution.signal.aborted) {
      record = { ...record, status: 'Cancelled', final: true };
      execution.keep(record);
      return record;
    }
    record = newRecord(task, key, record.attempt + 1);
  }
}

function inactiveError({ activity, skip }: Task): ActivityFailure | null {
  if (skip || activity.inactiveAs !== 'Failed') return null;
  return {
    errorCode: 'InactiveActivity',
    message: 'The activity is inactive, marked as failed.',
    failureType: 'UserError',
  };
}

function newRecord({ execution, activity, scope }: Task, key: string, attemptNumber: number): ActivityRecord {
  return {
    activityRunId: randomUUID(),
    runId: execution.run.runId,
    key,
    name: activity.name,
    type: activity.type,
    status: 'InProgress',
    start: timestamp(),
    end: null,
    attempt: attemptNumber,
    final: false,
    linkedServiceName: readReference(activity.linkedServiceName)?.name ?? '',
    iterationHash: scope.iterationHash,
    error: null,
    secureInput: activity.policy.secureInput,
    secureOutput: activity.policy.secureOutput,
    interrupted: false,
    data: { input: {}, output: {}, userProperties: {}, progress: null },
  };
}

/**
 * After a crash: what keeps its own progress goes on; of other activities nobody knows how far they came, so that the
 * attempt is closed and repeated, whatever the policy, at most three times.
 */
function resumed(task: Task, key: string, earlier: ActivityRecord): ActivityRecord {
  const { execution, activity } = task;
  if (earlier.status === 'Failed') return newRecord(task, key, earlier.attempt + (earlier.interrupted ? 0 : 1));
  if (runnerOf(activity.type)?.resumable === true) return earlier;
  const interruptions = execution.host.store.runs
    .activitiesOf(execution.run.runId)
    .filter((record) => record.key === key && record.interrupted).length;
  const final = interruptions + 1 > MOST_INTERRUPTIONS;
  const closed: ActivityRecord = {
    ...earlier,
    status: 'Failed',
    end: timestamp(),
    final,
    interrupted: true,
    error: {
      errorCode: 'Interrupted',
      message: `The emulator ended while the activity ran${final ? ', once too often' : '; it is repeated'}.`,
      failureType: 'SystemError',
    },
  };
  execution.keep(closed);
  return final ? closed : newRecord(task, key, earlier.attempt);
}

async function attempt(task: Task, begun: ActivityRecord): Promise<ActivityRecord> {
  const { execution, activity, scope } = task;
  const kind = runnerOf(activity.type);
  const timeout = new AbortController();
  const signal = AbortSignal.any([execution.signal, timeout.signal]);
  const timer =
    kind?.control === true ? undefined : setTimeout(() => timeout.abort(timedOut(activity)), activity.policy.timeoutMs);
  let record = begun;
  const note = (change: Partial<ActivityRecord>): void => {
    record = { ...record, ...change };
    execution.keep(record);
  };
  try {
    note({});
    if (kind === undefined) {
      throw new ActivityError(
        'UnsupportedActivity',
        `Activities of type '${activity.type}' are not emulated (see the README).`,
      );
    }
    const userProperties = activity.userProperties.map(({ name, value }) => [name, evaluate(value)] as const);
    record = { ...record, data: { ...record.data, userProperties: Object.fromEntries(userProperties) } };
    const result = await untilAborted(Promise.resolve(kind.run(contextFor())), signal);
    const data = { ...record.data, output: toValue(result.output) };
    record = { ...record, data, status: 'Succeeded', end: timestamp(), final: true };
    execution.keep(record, result.update);
  } catch (error) {
    if (execution.signal.aborted) {
      if (execution.signal.reason instanceof Interruption && execution.signal.reason.kind === 'closing') throw error;
      note({ status: 'Cancelled', end: timestamp(), final: true });
    } else {
      const retry = kind?.control !== true && record.attempt < activity.policy.retry;
      note({ status: 'Failed', end: timestamp(), final: !retry, error: failureOf(error) });
    }
  } finally {
    clearTimeout(timer);
  }
  return record;

  function evaluate(document: unknown, extra: Pick<EvaluationContext, 'item'> = {}) {
    return evaluateDocument(document, { ...execution.contextOf(scope), ...extra });
  }

  function contextFor(): ActivityContext {
    return {
      activity,
      run: execution.run,
      startedAt: new Date(begun.start),
      signal,
      connections: execution.host.connections,
      evaluate,
      properties: () => toPlain(evaluate(activity.typeProperties)) as JsonObject,
      setInput: (input) => note({ data: { ...record.data, input: toValue(input) } }),
      setLinkedService: (linkedServiceName) => note({ linkedServiceName }),
      progress: begun.data.progress,
      saveProgress: (progress) => note({ data: { ...record.data, progress } }),
      runInner: (activities, at) => execution.runScope(activities, execution.innerScope(activity, scope, at)),
      startPipeline: (name, parameters, onStart) =>
        execution.host.store.transaction(() => onStart(execution.host.startPipeline(execution.run, name, parameters))),
      pipelineEnded: (runId) => execution.host.ended(runId),
    };
  }
}

function timedOut({ policy }: Activity): ActivityError {
  const seconds = policy.timeoutMs / 1000;
  return new ActivityError('ActivityTimeout', `The activity did not end within its timeout of ${seconds} seconds.`);
}

/** The promise's outcome, or the signal's reason if that comes first. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

async function pause(signal: AbortSignal, milliseconds: number): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    if (signal.reason instanceof Interruption && signal.reason.kind === 'closing') throw signal.reason;
    if (!signal.aborted) throw error;
  }
}

function failureOf(error: unknown): ActivityFailure {
  if (error instanceof ActivityError) {
    return { errorCode: error.errorCode, message: error.message, failureType: error.failureType };
  }
  if (error instanceof ExpressionError) {
    return { errorCode: 'InvalidTemplate', message: error.message, failureType: 'UserError' };
  }
  if (error instanceof DefinitionError) {
    return { errorCode: 'UserErrorInvalidDefinition', message: error.message, failureType: 'UserError' };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { errorCode: 'SystemError', message, failureType: 'SystemError' };
}
