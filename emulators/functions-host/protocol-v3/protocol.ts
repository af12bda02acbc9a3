import { toEntityId } from '../engine/records.ts';
import type {
  ActivityOutcome,
  DurableProtocol,
  EntityBatch,
  EntityBatchOutcome,
  FailureDetails,
} from '../engine/types.ts';
import { AccessTokens } from './access-tokens.ts';
import { httpActivityName, runHttpActivity } from './http-activity.ts';
import { parseJson } from './json-text.ts';
import { type CallOrchestrator, defaultLimits, deliverable, OrchestrationRunner } from './orchestration-runner.ts';
import { failingActivityName } from './to-decision.ts';

/** Calls functions of the app by name and kind, each with the value of its trigger; rejects with what it throws. */
export interface DurableFunctions {
  readonly orchestrator: CallOrchestrator;
  entity(name: string, payload: string): Promise<unknown>;
  activity(name: string, input: string | null, instanceId: string): Promise<unknown>;
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** The protocol between the Durable Task extension and the npm package durable-functions 3. */
export function createProtocolV3(functions: DurableFunctions, limits = defaultLimits): DurableProtocol {
  const tokens = new AccessTokens();
  const orchestrations = new OrchestrationRunner(functions.orchestrator, limits);
  return {
    deliverable,
    runTurn: (turn) => orchestrations.run(turn),
    runActivity: async ({ name, input, instanceId }) => {
      switch (name) {
        case httpActivityName:
          return runHttpActivity(input, tokens);
        case failingActivityName: {
          const reason = String(parseJson(input));
          return { ok: false, reason, details: reason };
        }
        default:
          return runActivity(functions, name, input, instanceId);
      }
    },
    runEntity: (batch) => runEntity(functions, batch),
    entityResponse: (response) =>
      response === 'lockGranted'
        ? '{}'
        : JSON.stringify({ result: response.result, ...(response.isError ? { exceptionType: 'Error' } : {}) }),
    entityRequest: ({ requestId, operation, input, isSignal, instanceId, executionId }) =>
      JSON.stringify({
        op: operation,
        ...(isSignal ? { signal: true } : {}),
        input,
        id: requestId,
        parent: instanceId,
        parentExecution: executionId,
      }),
  };
}

async function runActivity(
  functions: DurableFunctions,
  name: string,
  input: string | null,
  instanceId: string,
): Promise<ActivityOutcome> {
  try {
    const result = await functions.activity(name, input, instanceId);
    return { ok: true, result: result === undefined ? null : (JSON.stringify(result) ?? null) };
  } catch (error) {
    const failure = failureDetails(messageOf(error));
    const message = failure === undefined ? messageOf(error) : String(failure.ErrorMessage);
    return {
      ok: false,
      reason: `Activity function '${name}' failed: ${message}`,
      details: message,
      ...(failure === undefined ? {} : { failure }),
    };
  }
}

/**
 * With an exception properties provider the library throws its failure details as JSON in the message.
 * Source: Azure/azure-functions-durable-js v3, `src/error/ExceptionPropertiesProvider.ts`.
 */
function failureDetails(message: string): FailureDetails | undefined {
  if (!message.startsWith('{')) {
    return undefined;
  }
  try {
    const { errorType, errorMessage, stackTrace, isNonRetriable, properties } = JSON.parse(message) as Record<
      string,
      unknown
    >;
    return typeof errorType === 'string' && typeof errorMessage === 'string'
      ? {
          ErrorType: errorType,
          ErrorMessage: errorMessage,
          StackTrace: stackTrace ?? null,
          IsNonRetriable: isNonRetriable ?? false,
          Properties: properties ?? null,
        }
      : undefined;
  } catch {
    return undefined; // An error whose message merely looks like JSON.
  }
}

interface WireEntityState {
  readonly entityExists?: boolean;
  readonly entityState?: string | null;
  readonly results?: readonly { readonly isError?: boolean; readonly result?: string }[];
  readonly signals?: readonly {
    readonly target: { readonly name: string; readonly key: string };
    readonly name: string;
    readonly input?: string;
  }[];
}

async function runEntity(functions: DurableFunctions, batch: EntityBatch): Promise<EntityBatchOutcome> {
  const { name, key, exists, state, operations } = batch;
  try {
    const payload = JSON.stringify({ self: { name, key }, exists, state, batch: operations });
    const after = (await functions.entity(name, payload)) as WireEntityState;
    return {
      exists: after.entityExists === true,
      state: after.entityState ?? null,
      results: operations.map((_, index) => {
        const result = after.results?.[index];
        return { isError: result?.isError === true, result: result?.result ?? null };
      }),
      signals: (after.signals ?? []).map((signal) => ({
        entityId: toEntityId(signal.target.name, signal.target.key),
        operation: signal.name,
        input: signal.input || null,
      })),
    };
  } catch (error) {
    // The function itself is missing or broken: its operations fail, its state stays.
    const result = JSON.stringify(`Entity function '${name}' failed: ${messageOf(error)}`);
    return { exists, state, results: operations.map(() => ({ isError: true, result })), signals: [] };
  }
}
