import { type Action, ActionType, type HttpRequest, type RetryOptions } from './actions.ts';

/**
 * The sequence-id rule. The library counts the tasks of an execution from 0 and never says the numbers; whoever drives
 * it has to arrive at the same ones, or a result reaches the wrong task. Pure: from a state and what happened to the
 * next state and what to do.
 *
 * 1. Depth first through Task.any and Task.all, every leaf that appears for the first time takes the next id; "the
 *    first time" goes by the identity of the object, for a task that is yielded again appears again.
 * 2. Some events take ids of their own while the library handles them: a failed attempt of a task with retries (for
 *    the timer, after the last attempt too), that timer when attempts are left (for the next attempt), and the answer
 *    202 to an HTTP request (for the timer and the next request). Such an event must be the first of its turn, so that
 *    its ids come before those of the leaves that the turn brings.
 *
 * Source: Azure/azure-functions-durable-js v3, `src/orchestrations/TaskOrchestrationExecutor.ts` (`trackOpenTask`,
 * `recordFireAndForgetAction`), `src/task/RetryableTask.ts`, `src/task/CallHttpWithPollingTask.ts`.
 */
export interface SequenceState {
  readonly nextId: number;
  /** How many leaves that take ids the list of actions held after the last turn. */
  readonly leaves: number;
  /** How many of the listed actions are signals or releases: all that is carried out when the story throws. */
  readonly sent: number;
  /** Tasks whose events take ids, by the id under which their next event comes. */
  readonly pending: Readonly<Record<string, PendingTask>>;
  /** Timers that the story could still cancel: the place of the leaf → id. */
  readonly timers: Readonly<Record<string, number>>;
}

export type PendingTask =
  | { readonly kind: 'attempt'; readonly call: RetriedCall; readonly attempt: number }
  | { readonly kind: 'retryTimer'; readonly call: RetriedCall; readonly attempt: number }
  | { readonly kind: 'request'; readonly request: HttpRequest }
  | { readonly kind: 'pollTimer'; readonly request: HttpRequest; readonly requestId: number };

export interface RetriedCall {
  readonly target: 'activity' | 'child';
  readonly name: string;
  readonly input: unknown;
  readonly instanceId?: string;
  readonly version?: string;
  readonly options: RetryOptions;
}

export const initialSequence: SequenceState = { nextId: 0, leaves: 0, sent: 0, pending: {}, timers: {} };

/** What happened to the task of that id, as far as it matters here. */
export type TaskEvent =
  | {
      readonly kind: 'succeeded';
      readonly id: number;
      readonly poll?: { readonly uri: string; readonly afterMs: number | null };
    }
  | { readonly kind: 'failed'; readonly id: number }
  | { readonly kind: 'timerFired'; readonly id: number };

/** What an event that takes ids has the host do. */
export type HiddenStep =
  /** Without a delay it waits as long as the host is told to between two polls. */
  | { readonly kind: 'timer'; readonly id: number; readonly delayMs: number | null }
  | { readonly kind: 'call'; readonly id: number; readonly call: RetriedCall }
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

/** Takes in an event that a turn delivers. */
export function takeEvent(state: SequenceState, event: TaskEvent): { state: SequenceState; steps: HiddenStep[] } {
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
    const isLast = attempt >= call.options.maxNumberOfAttempts;
    return {
      state: after(1, { [nextId]: { kind: 'retryTimer', call, attempt } }),
      // After the last attempt the library still waits for a timer before it gives up.
      steps: [{ kind: 'timer', id: nextId, delayMs: isLast ? 0 : retryDelayMs(call.options, attempt) }],
    };
  }
  if (task.kind === 'retryTimer' && takesIds(state, event)) {
    const { call, attempt } = task;
    return {
      state: after(1, { [nextId]: { kind: 'attempt', call, attempt: attempt + 1 } }),
      steps: [{ kind: 'call', id: nextId, call }],
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

/** A leaf that the turn brought, with its id; one for each entity that a release gives up. */
export interface NumberedAction {
  readonly action: Action;
  readonly id: number;
  /** Which of the leaves it is. */
  readonly place?: number | undefined;
  /** Which entity of the lock set, for a release. */
  readonly entity?: { readonly name: string; readonly key: string };
  readonly lockRequestId?: string;
}

export interface Numbered {
  readonly state: SequenceState;
  readonly fresh: readonly NumberedAction[];
  /** The ids of timers that the story has cancelled. */
  readonly cancelled: readonly number[];
}

const takesNoId = (action: Action) =>
  action.actionType === ActionType.WaitForExternalEvent || action.actionType === ActionType.ContinueAsNew;

/** The leaves that take ids in order, each once, by identity. */
export function leavesOf(actions: readonly Action[]): Action[] {
  const seen = new Set<Action>();
  const walk = (list: readonly Action[]) => {
    for (const action of list) {
      if (action.actionType === ActionType.WhenAll || action.actionType === ActionType.WhenAny) {
        walk(action.compoundActions ?? []);
      } else if (!takesNoId(action)) {
        seen.add(action);
      }
    }
  };
  walk(actions);
  return [...seen];
}

/**
 * Numbers the leaves that were not there after the turn before. `actions` is all since the start of the execution, and
 * `leaves` its leaves.
 */
export function numberActions(
  state: SequenceState,
  actions: readonly Action[],
  leaves: readonly Action[] = leavesOf(actions),
): Numbered {
  let nextId = state.nextId;
  const pending = { ...state.pending };
  const timers: Record<string, number> = {};
  const fresh: NumberedAction[] = [];
  const cancelled: number[] = [];
  let lock: Action | undefined;
  for (const [place, action] of leaves.entries()) {
    const isNew = place >= state.leaves;
    const knownTimer = state.timers[place];
    if (action.actionType === ActionType.LockEntities) {
      lock = action;
    }
    if (knownTimer !== undefined) {
      if (action.isCanceled === true) {
        cancelled.push(knownTimer);
      } else {
        timers[place] = knownTimer;
      }
    }
    if (!isNew) {
      continue;
    }
    if (action.actionType === ActionType.ReleaseEntities) {
      const lockRequestId = lock?.lockRequestId ?? '';
      for (const entity of lock?.lockSet ?? []) {
        fresh.push({ action, id: nextId++, place, entity, lockRequestId });
      }
      continue;
    }
    const id = nextId++;
    fresh.push({ action, id, place });
    const task = pendingTask(action);
    if (task !== undefined) {
      pending[id] = task;
    }
    if (action.actionType === ActionType.CreateTimer && action.isCanceled !== true) {
      timers[place] = id;
    }
  }
  const sent = actions.filter(isFireAndForget).length;
  return { state: { nextId, leaves: leaves.length, sent, pending, timers }, fresh, cancelled };
}

/** Whether the action is listed once, at the top, and nothing comes back for it. */
export function isFireAndForget(action: Action): boolean {
  return action.actionType === ActionType.SignalEntity || action.actionType === ActionType.ReleaseEntities;
}

function pendingTask(action: Action): PendingTask | undefined {
  if (action.actionType === ActionType.CallHttp) {
    const request = action.httpRequest;
    return request?.asynchronousPatternEnabled === true ? { kind: 'request', request } : undefined;
  }
  const { functionName: name = '', input, retryOptions: options } = action;
  if (options === undefined) {
    return undefined;
  }
  if (action.actionType === ActionType.CallActivityWithRetry) {
    return { kind: 'attempt', call: { target: 'activity', name, input, options }, attempt: 1 };
  }
  if (action.actionType === ActionType.CallSubOrchestratorWithRetry) {
    const child = {
      ...(action.instanceId === undefined ? {} : { instanceId: action.instanceId }),
      ...(action.version === undefined ? {} : { version: action.version }),
    };
    return { kind: 'attempt', call: { target: 'child', name, input, options, ...child }, attempt: 1 };
  }
  return undefined;
}
