import type { TaskSpec } from './job-settings.ts';
import { hasEnded, type RunState, type TaskRunRecord } from './records.ts';
import { CANCELED, failed, internalError, notStarted, PENDING, SUCCEEDED, TIMED_OUT } from './run-states.ts';

/** The attempt that counts for each task: the one with the highest number. */
export function latestAttempts(attempts: readonly TaskRunRecord[]): Map<string, TaskRunRecord> {
  const latest = new Map<string, TaskRunRecord>();
  for (const attempt of attempts) {
    if (attempt.attemptNumber >= (latest.get(attempt.taskKey)?.attemptNumber ?? 0))
      latest.set(attempt.taskKey, attempt);
  }
  return latest;
}

/**
 * What becomes of a blocked task: its new state, or nothing while it must wait on.
 * The rules are those of "Configure task dependencies": an excluded task counts as successful, a task all of whose
 * upstream tasks are excluded is excluded itself, and the conditions that handle failures exclude when they are not met.
 */
export function unblock(task: TaskSpec, upstream: readonly RunState[]): RunState | undefined {
  if (!upstream.every(hasEnded)) return undefined;
  if (upstream.length === 0) return PENDING;
  if (upstream.every((state) => state.result === 'EXCLUDED')) return excluded(task);
  const succeeded = upstream.filter((state) => isSuccess(state)).length;
  const failures = upstream.length - succeeded;
  switch (task.runIf) {
    case 'ALL_DONE':
      return PENDING;
    case 'ALL_SUCCESS':
    case 'NONE_FAILED':
      return failures === 0 ? PENDING : upstreamFailed(upstream);
    case 'AT_LEAST_ONE_SUCCESS':
      return succeeded > 0 ? PENDING : upstreamFailed(upstream);
    case 'ALL_FAILED':
      return succeeded === 0 ? PENDING : excluded(task);
    case 'AT_LEAST_ONE_FAILED':
      return failures > 0 ? PENDING : excluded(task);
  }
}

function isSuccess(state: RunState): boolean {
  return state.result === 'SUCCESS' || state.result === 'EXCLUDED';
}

function excluded(task: TaskSpec): RunState {
  return notStarted('EXCLUDED', `Excluded because the condition ${task.runIf} is not met.`);
}

function upstreamFailed(upstream: readonly RunState[]): RunState {
  const canceledOnly = upstream.every(
    (state) => isSuccess(state) || state.result === 'CANCELED' || state.result === 'UPSTREAM_CANCELED',
  );
  return canceledOnly
    ? notStarted('UPSTREAM_CANCELED', 'Upstream task was cancelled.')
    : notStarted('UPSTREAM_FAILED', 'An upstream task failed.');
}

/** The state of a run all of whose tasks have ended, decided by its leaf tasks as the service does. */
export function runEnding(
  tasks: readonly TaskSpec[],
  latest: ReadonlyMap<string, TaskRunRecord>,
  stop: 'canceled' | 'timedout' | null,
): RunState {
  if (stop === 'timedout') return TIMED_OUT;
  if (stop === 'canceled') return CANCELED;
  const states = [...latest].map(([key, attempt]) => [key, attempt.state] as const);
  const needed = new Set(tasks.filter((task) => latest.has(task.taskKey)).flatMap((task) => task.dependsOn));
  const leaves = states.filter(([key]) => !needed.has(key));
  const broken = states.filter(([, state]) => !isSuccess(state));
  if (leaves.every(([, state]) => isSuccess(state))) {
    if (broken.length === 0) return SUCCEEDED;
    return { ...SUCCEEDED, result: 'SUCCESS_WITH_FAILURES', code: 'SUCCESS_WITH_FAILURES', message: explain(broken) };
  }
  const lost = broken.find(([, state]) => state.lifeCycle === 'INTERNAL_ERROR');
  return lost ? internalError(explain(broken), lost[1].code) : failed(explain(broken), codeOf(broken));
}

function explain(broken: readonly (readonly [string, RunState])[]): string {
  const causes = broken.filter(([, state]) => state.code !== 'SKIPPED');
  return causes.map(([key, state]) => `Task ${key} failed with message: ${state.message}`).join(' ');
}

function codeOf(broken: readonly (readonly [string, RunState])[]): string | undefined {
  return broken.map(([, state]) => state.code).find((code) => code !== 'SKIPPED');
}

/** The tasks that come after the given ones, however far. */
export function dependents(tasks: readonly TaskSpec[], keys: readonly string[]): Set<string> {
  const found = new Set(keys);
  for (let grew = true; grew; ) {
    const more = tasks.filter((task) => !found.has(task.taskKey) && task.dependsOn.some((key) => found.has(key)));
    for (const task of more) found.add(task.taskKey);
    grew = more.length > 0;
  }
  return found;
}
