import type { HttpRequest, RetryOptions } from './actions.ts';
import type { PendingTask, RetriedCall, SequenceState } from './sequence-ids.ts';

/**
 * The steps that the library takes while it handles an event, each with an id of its own: attempts, pauses and polls.
 * Source: Azure/azure-functions-durable-js v3, `src/task/RetryableTask.ts`, `src/task/CallHttpWithPollingTask.ts`.
 *
 * The library knows no limit to the time for retries, and the extension stops at it, so that in Azure such a story hangs.
 * Here the attempts that are left fail one after the other, until the library gives up, too.
 */

/** More attempts than that would take too long to fail. */
const mostFailingAttempts = 1000;

/** What happened to the task of that id, as far as it matters here. */
export type TaskEvent =
  | {
      readonly kind: 'succeeded';
      readonly id: number;
      readonly poll?: { readonly uri: string; readonly afterMs: number | null };
    }
  | { readonly kind: 'failed'; readonly id: number; readonly reason: string }
  | { readonly kind: 'timerFired'; readonly id: number };

/** What an event that takes ids has the host do. */
export type HiddenStep =
  /** Without a delay it waits as long as the host is told to between two polls. */
  | { readonly kind: 'timer'; readonly id: number; readonly delayMs: number | null }
  | { readonly kind: 'call'; readonly id: number; readonly call: RetriedCall }
  /** An attempt that fails with that reason without being made. */
  | { readonly kind: 'fail'; readonly id: number; readonly reason: string }
  | { readonly kind: 'request'; readonly id: number; readonly request: HttpRequest };

/** The wait before the attempt after number `attempt`. */
export function retryDelayMs(options: RetryOptions, attempt: number): number {
  const delay = options.firstRetryIntervalInMilliseconds * (options.backoffCoefficient ?? 1) ** (attempt - 1);
  return Math.min(delay, options.maxRetryIntervalInMilliseconds ?? Number.POSITIVE_INFINITY);
}

/** Whether the event takes ids, and so must come first in its turn. */
export function takesIds(state: SequenceState, event: TaskEvent): boolean {
  const task = state.pending[event.id];
  switch (task?.kind) {
    case 'attempt':
      return event.kind === 'failed';
    case 'retryTimer':
      return event.kind === 'timerFired' && task.attempt < task.call.options.maxNumberOfAttempts;
    case 'request':
      return event.kind === 'succeeded' && event.poll !== undefined;
    default:
      return false;
  }
}

export interface Taken {
  readonly state: SequenceState;
  readonly steps: readonly HiddenStep[];
  /** Why the story cannot go on. */
  readonly fault?: string;
}

/** Takes in an event that a turn delivers, whose time is `now`. */
export function takeEvent(state: SequenceState, event: TaskEvent, now: number): Taken {
  const task = state.pending[event.id];
  if (task === undefined) {
    return { state, steps: [] };
  }
  const { [event.id]: _, ...rest } = state.pending;
  const { nextId } = state;
  const after = (taken: number, pending: Record<string, PendingTask>): SequenceState => ({
    ...state,
    nextId: nextId + taken,
    pending: { ...rest, ...pending },
  });
  if (task.kind === 'attempt' && event.kind === 'failed') {
    const { call, attempt } = task;
    const { maxNumberOfAttempts, retryTimeoutInMilliseconds: limitMs = Number.POSITIVE_INFINITY } = call.options;
    const isOver = task.since !== undefined && now >= task.since + limitMs;
    const left = maxNumberOfAttempts - attempt;
    if (isOver && left > mostFailingAttempts) {
      const fault = `The time for retries of '${call.name}' is over, but the library would try ${left} times more.`;
      return { state, steps: [], fault: `${fault} Its last failure: ${event.reason}` };
    }
    return {
      state: after(1, { [nextId]: { ...task, kind: 'retryTimer', ...(isOver ? { gaveUp: event.reason } : {}) } }),
      // After the last attempt the library still waits for a timer before it gives up.
      steps: [{ kind: 'timer', id: nextId, delayMs: left <= 0 || isOver ? 0 : retryDelayMs(call.options, attempt) }],
    };
  }
  if (task.kind === 'retryTimer' && takesIds(state, event)) {
    const { gaveUp, ...next } = task;
    return {
      state: after(1, { [nextId]: { ...next, kind: 'attempt', attempt: task.attempt + 1 } }),
      steps: [
        gaveUp === undefined
          ? { kind: 'call', id: nextId, call: task.call }
          : { kind: 'fail', id: nextId, reason: gaveUp },
      ],
    };
  }
  if (task.kind === 'request' && event.kind === 'succeeded' && event.poll !== undefined) {
    const request = pollRequest(task.request, event.poll.uri);
    return {
      state: after(2, { [nextId]: { kind: 'pollTimer', request, requestId: nextId + 1 } }),
      steps: [{ kind: 'timer', id: nextId, delayMs: event.poll.afterMs }],
    };
  }
  if (task.kind === 'pollTimer') {
    const { request, requestId } = task;
    return {
      state: after(0, { [requestId]: { kind: 'request', request } }),
      steps: [{ kind: 'request', id: requestId, request }],
    };
  }
  return { state: after(0, {}), steps: [] };
}

function pollRequest(request: HttpRequest, location: string): HttpRequest {
  const headers = Object.entries(request.headers ?? {}).filter(([name]) => name.toLowerCase() !== 'x-functions-key');
  return {
    method: 'GET',
    // One that is no URL is asked for all the same, so that the request fails and the story hears of it.
    uri: URL.canParse(location, request.uri) ? new URL(location, request.uri).href : location,
    headers: Object.fromEntries(headers),
    asynchronousPatternEnabled: true,
    ...(request.tokenSource === undefined ? {} : { tokenSource: request.tokenSource }),
  };
}
