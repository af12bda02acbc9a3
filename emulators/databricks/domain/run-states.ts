import type { RunState } from './records.ts';

export const BLOCKED: RunState = { lifeCycle: 'BLOCKED', message: '' };
export const QUEUED: RunState = {
  lifeCycle: 'QUEUED',
  message: 'Queued because the maximum number of concurrent runs of the job is reached.',
};
export const PENDING: RunState = { lifeCycle: 'PENDING', message: 'Waiting for a worker' };
export const RUNNING: RunState = { lifeCycle: 'RUNNING', message: 'In run' };
export const TERMINATING: RunState = { lifeCycle: 'TERMINATING', message: 'Terminating the task process' };
export const WAITING_FOR_RETRY: RunState = {
  lifeCycle: 'WAITING_FOR_RETRY',
  message: 'Waiting for the retry interval',
};

export const SUCCEEDED: RunState = {
  lifeCycle: 'TERMINATED',
  result: 'SUCCESS',
  code: 'SUCCESS',
  type: 'SUCCESS',
  message: '',
};
export const CANCELED: RunState = {
  lifeCycle: 'TERMINATED',
  result: 'CANCELED',
  code: 'USER_CANCELED',
  type: 'CLIENT_ERROR',
  message: 'Run cancelled.',
};
export const TIMED_OUT: RunState = {
  lifeCycle: 'TERMINATED',
  result: 'TIMEDOUT',
  code: 'CANCELED',
  type: 'CLIENT_ERROR',
  message: 'The run exceeded its timeout_seconds and was stopped.',
};
export const TOO_MANY_RUNS: RunState = {
  lifeCycle: 'SKIPPED',
  result: 'MAXIMUM_CONCURRENT_RUNS_REACHED',
  code: 'MAX_CONCURRENT_RUNS_EXCEEDED',
  type: 'CLIENT_ERROR',
  message: 'Skipped because the maximum number of concurrent runs of the job is reached.',
};

/** The end of a task or run whose own code or configuration failed. */
export function failed(message: string, code = 'RUN_EXECUTION_ERROR'): RunState {
  return { lifeCycle: 'TERMINATED', result: 'FAILED', code, type: 'CLIENT_ERROR', message };
}

/** The end of an attempt that the platform lost. */
export function internalError(message: string, code = 'CLUSTER_ERROR'): RunState {
  return { lifeCycle: 'INTERNAL_ERROR', result: 'FAILED', code, type: 'INTERNAL_ERROR', message };
}

/** The end of a task that never started because of the tasks before it. */
export function notStarted(result: 'UPSTREAM_FAILED' | 'UPSTREAM_CANCELED' | 'EXCLUDED', message: string): RunState {
  return { lifeCycle: 'TERMINATED', result, code: 'SKIPPED', type: 'CLIENT_ERROR', message };
}

/** Both descriptions of a state that the API sends: the legacy `state` and the newer `status`. */
export function presentState(state: RunState): { state: object; status: object } {
  const ended = state.code !== undefined;
  return {
    state: {
      life_cycle_state: state.lifeCycle,
      ...(state.result && { result_state: state.result }),
      state_message: state.message,
      user_cancelled_or_timedout: state.result === 'CANCELED' || state.result === 'TIMEDOUT',
    },
    status: {
      state: statusOf(state),
      ...(ended && { termination_details: { code: state.code, type: state.type, message: state.message } }),
      ...(state.lifeCycle === 'QUEUED' && {
        queue_details: { code: 'MAX_CONCURRENT_RUNS_REACHED', message: state.message },
      }),
    },
  };
}

function statusOf(state: RunState): string {
  if (state.lifeCycle === 'SKIPPED' || state.lifeCycle === 'INTERNAL_ERROR') return 'TERMINATED';
  return state.lifeCycle === 'WAITING_FOR_RETRY' ? 'WAITING' : state.lifeCycle;
}
