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
  | (Attempt & { readonly kind: 'attempt' })
  /** With a reason the time for retries is over: the attempts that are left fail with it, and nothing runs. */
  | (Attempt & { readonly kind: 'retryTimer'; readonly gaveUp?: string })
  | { readonly kind: 'request'; readonly request: HttpRequest }
  | { readonly kind: 'pollTimer'; readonly request: HttpRequest; readonly requestId: number };

interface Attempt {
  readonly call: RetriedCall;
  readonly attempt: number;
  /** When the first attempt was asked for, in milliseconds; only where the time for retries is limited. */
  readonly since?: number;
}

export interface RetriedCall {
  readonly target: 'activity' | 'child';
  readonly name: string;
  readonly input: unknown;
  readonly instanceId?: string;
  readonly version?: string;
  readonly options: RetryOptions;
}

export const initialSequence: SequenceState = { nextId: 0, leaves: 0, sent: 0, pending: {}, timers: {} };

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
 * `leaves` its leaves; `now` is the time of the turn.
 */
export function numberActions(
  state: SequenceState,
  actions: readonly Action[],
  now: number,
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
    const task = pendingTask(action, now);
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

function pendingTask(action: Action, now: number): PendingTask | undefined {
  if (action.actionType === ActionType.CallHttp) {
    const request = action.httpRequest;
    return request?.asynchronousPatternEnabled === true ? { kind: 'request', request } : undefined;
  }
  const { functionName: name = '', input, retryOptions: options } = action;
  if (options === undefined) {
    return undefined;
  }
  const since = options.retryTimeoutInMilliseconds === undefined ? {} : { since: now };
  if (action.actionType === ActionType.CallActivityWithRetry) {
    return { kind: 'attempt', call: { target: 'activity', name, input, options }, attempt: 1, ...since };
  }
  if (action.actionType === ActionType.CallSubOrchestratorWithRetry) {
    const child = {
      ...(action.instanceId === undefined ? {} : { instanceId: action.instanceId }),
      ...(action.version === undefined ? {} : { version: action.version }),
    };
    return { kind: 'attempt', call: { target: 'child', name, input, options, ...child }, attempt: 1, ...since };
  }
  return undefined;
}
