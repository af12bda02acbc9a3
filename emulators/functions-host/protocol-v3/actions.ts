import { parseJson } from './json-text.ts';

/**
 * What an orchestrator function of durable-functions 3 returns, read from the outside.
 * Source: Azure/azure-functions-durable-js v3, `src/actions/*.ts`, `src/orchestrations/OrchestratorState.ts`.
 */
export const ActionType = {
  CallActivity: 0,
  CallActivityWithRetry: 1,
  CallSubOrchestrator: 2,
  CallSubOrchestratorWithRetry: 3,
  ContinueAsNew: 4,
  CreateTimer: 5,
  WaitForExternalEvent: 6,
  CallEntity: 7,
  CallHttp: 8,
  SignalEntity: 9,
  WhenAny: 11,
  WhenAll: 12,
  LockEntities: 13,
  ReleaseEntities: 14,
} as const;

/** An action as the library made it. The object itself tells which task it belongs to. */
export interface Action {
  readonly actionType: number;
  readonly compoundActions?: readonly Action[];
  readonly functionName?: string;
  readonly input?: unknown;
  readonly instanceId?: string;
  readonly version?: string;
  readonly retryOptions?: RetryOptions;
  readonly fireAt?: Date | string;
  readonly isCanceled?: boolean;
  readonly operation?: string;
  readonly lockRequestId?: string;
  readonly lockSet?: readonly { readonly name: string; readonly key: string }[];
  readonly httpRequest?: HttpRequest;
}

export interface RetryOptions {
  readonly firstRetryIntervalInMilliseconds: number;
  readonly maxNumberOfAttempts: number;
  readonly backoffCoefficient?: number;
  readonly maxRetryIntervalInMilliseconds?: number;
  readonly retryTimeoutInMilliseconds?: number;
}

export interface HttpRequest {
  readonly method: string;
  readonly uri: string;
  readonly content?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly tokenSource?: { readonly kind?: string; readonly resource?: string } | null;
  readonly asynchronousPatternEnabled?: boolean;
}

/** The state of an orchestration after a turn. */
export interface OrchestratorState {
  readonly isDone: boolean;
  readonly actions: readonly Action[];
  readonly output: unknown;
  readonly customStatus?: unknown;
}

/** A failure of the orchestration, which the library throws with its state as text behind a label. */
export interface OrchestratorFailure {
  readonly message: string;
  readonly actions: readonly Action[];
  readonly customStatus?: unknown;
  readonly failureDetails?: Readonly<Record<string, unknown>>;
}

const failureLabel = '\n\n$OutOfProcData$:';

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function actionsOf(value: unknown): Action[] {
  const lists = Array.isArray(value) ? value : [];
  return lists.flat().filter((action): action is Action => isObject(action) && typeof action.actionType === 'number');
}

/** @throws TypeError when the function is no orchestrator of durable-functions. */
export function readOrchestratorState(result: unknown): OrchestratorState {
  if (!isObject(result) || typeof result.isDone !== 'boolean') {
    throw new TypeError('the orchestrator function did not return the state that durable-functions 3 returns');
  }
  const { isDone, output, customStatus } = result;
  return { isDone, actions: actionsOf(result.actions), output, customStatus };
}

/** Reads what an orchestrator function threw. */
export function readOrchestratorFailure(error: unknown): OrchestratorFailure {
  const text = error instanceof Error ? error.message : String(error);
  const at = text.indexOf(failureLabel);
  if (at < 0) {
    return { message: text, actions: [] };
  }
  const state = parseJson(text.slice(at + failureLabel.length));
  if (!isObject(state)) {
    return { message: text.slice(0, at), actions: [] };
  }
  return {
    message: typeof state.error === 'string' ? state.error : 'it threw something without a message',
    actions: actionsOf(state.actions),
    customStatus: state.customStatus,
    ...(isObject(state.failureDetails) ? { failureDetails: state.failureDetails } : {}),
  };
}

/**
 * The actions that an orchestrator has asked for, from the library's context: what it throws holds them only as JSON, or
 * not at all when a result did not fit a step. Undefined when the library keeps them elsewhere.
 * Source: `src/orchestrations/DurableOrchestrationContext.ts` (`taskOrchestratorExecutor`).
 */
export function actionsSoFar(context: unknown): readonly Action[] | undefined {
  const df = isObject(context) ? context.df : undefined;
  const executor = isObject(df) ? df.taskOrchestratorExecutor : undefined;
  return isObject(executor) && Array.isArray(executor.actions) ? actionsOf(executor.actions) : undefined;
}
