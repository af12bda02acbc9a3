import { toEntityId } from '../engine/records.ts';
import type { Decision, ExecutionEnd, HistoryEvent, Turn, TurnOutcome } from '../engine/types.ts';
import {
  type Action,
  ActionType,
  type OrchestratorFailure,
  type OrchestratorState,
  readOrchestratorFailure,
  readOrchestratorState,
} from './actions.ts';
import { httpActivityName, pollOf } from './http-activity.ts';
import {
  defaultPollMs,
  type HiddenStep,
  initialSequence,
  isFireAndForget,
  type NumberedAction,
  numberActions,
  type SequenceState,
  type TaskEvent,
  takeEvent,
  takesIds,
} from './sequence-ids.ts';
import { WireHistory } from './wire-history.ts';

/** Calls the orchestrator function of that name with its trigger's payload; rejects with what it throws. */
export type CallOrchestrator = (name: string, payload: string) => Promise<unknown>;

const json = (value: unknown) => (value === undefined ? null : (JSON.stringify(value) ?? null));

/** `action.input` as JSON text: the library encodes strings itself, so that they are JSON text already. */
const encodedInput = (value: unknown) => (typeof value === 'string' ? value : json(value));

function taskEvent(state: SequenceState, event: HistoryEvent): TaskEvent | undefined {
  switch (event.type) {
    case 'activityCompleted': {
      const poll = state.pending[event.id]?.kind === 'request' ? pollOf(event.result) : undefined;
      return { kind: 'succeeded', id: event.id, ...(poll === undefined ? {} : { poll }) };
    }
    case 'childCompleted':
      return { kind: 'succeeded', id: event.id };
    case 'activityFailed':
    case 'childFailed':
      return { kind: 'failed', id: event.id };
    case 'timerFired':
      return { kind: 'timerFired', id: event.id };
    default:
      return undefined;
  }
}

/**
 * How many events may share the next turn: one that takes ids must be its first, and an external event is its last, so
 * that one which follows a continue-as-new still waits in the inbox and is not lost with the old execution.
 */
export function deliverable(protocolState: unknown, inbox: readonly HistoryEvent[]): number {
  const state = (protocolState as SequenceState | undefined) ?? initialSequence;
  for (const [index, event] of inbox.entries()) {
    const known = taskEvent(state, event);
    if (index > 0 && known !== undefined && takesIds(state, known)) {
      return index;
    }
    if (event.type === 'eventRaised' && event.isResponse !== true) {
      return index + 1;
    }
  }
  return inbox.length;
}

/** Drives orchestrator functions of durable-functions 3 by its replay protocol, schema V4. */
export class OrchestrationRunner {
  readonly #call: CallOrchestrator;
  readonly #history = new WireHistory();

  constructor(call: CallOrchestrator) {
    this.#call = call;
  }

  async run(turn: Turn): Promise<TurnOutcome> {
    let sequence = (turn.protocolState as SequenceState | undefined) ?? initialSequence;
    const now = turn.fresh[0]?.at ?? Date.now();
    const decisions: Decision[] = [];
    for (const event of turn.fresh) {
      const known = taskEvent(sequence, event);
      if (known !== undefined) {
        const taken = takeEvent(sequence, known);
        sequence = taken.state;
        decisions.push(...taken.steps.map((step) => hiddenDecision(step, now)));
      }
    }
    try {
      const state = readOrchestratorState(await this.#call(turn.name, this.#payload(turn)));
      return { ...outcomeOf(state, sequence, decisions), ...customStatus(state.customStatus) };
    } catch (error) {
      // What the story threw, or what it returned that cannot be written down.
      return failed(turn, sequence, decisions, readOrchestratorFailure(error));
    }
  }

  #payload(turn: Turn): string {
    const { instanceId, input } = turn;
    const rest = {
      instanceId,
      isReplaying: turn.past.length > 0,
      parentInstanceId: turn.parentInstanceId,
      upperSchemaVersion: 1,
      upperSchemaVersionNew: 3,
      // The library splits timers beyond the second figure in pieces of the first; this host waits as long as it takes.
      longRunningTimerIntervalDuration: '3.00:00:00',
      maximumShortTimerDuration: '36500.00:00:00',
      defaultHttpAsyncRequestSleepTimeMillseconds: defaultPollMs,
    };
    const history = this.#history.text(turn.past, turn.fresh, { instanceId, input });
    return `{"history":${history},"input":${input ?? 'null'},${JSON.stringify(rest).slice(1)}`;
  }
}

function outcomeOf(state: OrchestratorState, sequence: SequenceState, hidden: readonly Decision[]): TurnOutcome {
  const numbered = numberActions(sequence, state.actions);
  const cancelled = numbered.cancelled.map((id): Decision => ({ kind: 'cancelTimer', id }));
  const end = endOf(state);
  return {
    decisions: [...hidden, ...numbered.fresh.flatMap(toDecision), ...cancelled],
    protocolState: numbered.state,
    ...(end === undefined ? {} : { end }),
  };
}

function customStatus(value: unknown): { customStatus?: string } {
  const text = json(value);
  return text === null || text === 'null' ? {} : { customStatus: text };
}

function endOf(state: OrchestratorState): ExecutionEnd | undefined {
  if (!state.isDone) {
    return undefined;
  }
  const again = state.actions.find((action) => action.actionType === ActionType.ContinueAsNew);
  return again === undefined
    ? { kind: 'completed', output: json(state.output) }
    : { kind: 'continuedAsNew', input: encodedInput(again.input) };
}

/** A story that throws has still sent the signals that it sent. */
function failed(
  turn: Turn,
  sequence: SequenceState,
  decisions: Decision[],
  { message, actions, customStatus: status, failureDetails }: OrchestratorFailure,
): TurnOutcome {
  const sent = actions.filter(isFireAndForget).slice(sequence.sent);
  for (const [index, action] of sent.entries()) {
    decisions.push(...toDecision({ action, id: sequence.nextId + index }));
  }
  return {
    decisions,
    protocolState: sequence,
    ...customStatus(status),
    end: {
      kind: 'failed',
      message: `Orchestrator function '${turn.name}' failed: ${message}`,
      ...(failureDetails === undefined ? {} : { failure: failureDetails }),
    },
  };
}

function hiddenDecision(step: HiddenStep, now: number): Decision {
  switch (step.kind) {
    case 'timer':
      return { kind: 'createTimer', id: step.id, fireAt: now + step.delayMs };
    case 'request':
      return { kind: 'callActivity', id: step.id, name: httpActivityName, input: json(step.request) };
    case 'call': {
      const { target, name, input, instanceId = null, version = null } = step.call;
      return target === 'activity'
        ? { kind: 'callActivity', id: step.id, name, input: encodedInput(input) }
        : { kind: 'startChild', id: step.id, name, instanceId, input: json(input), version };
    }
  }
}

function toDecision({ action, id, entity, lockRequestId }: NumberedAction): Decision[] {
  const { functionName: name = '', input } = action;
  switch (action.actionType) {
    case ActionType.CallActivity:
    case ActionType.CallActivityWithRetry:
      return [{ kind: 'callActivity', id, name, input: encodedInput(input) }];
    case ActionType.CallSubOrchestrator:
    case ActionType.CallSubOrchestratorWithRetry: {
      const { instanceId = null, version = null } = action;
      return [{ kind: 'startChild', id, name, instanceId: instanceId || null, input: json(input), version }];
    }
    case ActionType.CreateTimer:
      return action.isCanceled === true
        ? []
        : [{ kind: 'createTimer', id, fireAt: new Date(action.fireAt ?? 0).getTime() }];
    case ActionType.CallHttp:
      return [{ kind: 'callActivity', id, name: httpActivityName, input: json(action.httpRequest) }];
    case ActionType.CallEntity:
    case ActionType.SignalEntity:
      return [entityDecision(action, id)];
    case ActionType.LockEntities: {
      const entityIds = (action.lockSet ?? []).map((locked) => toEntityId(locked.name, locked.key));
      return [{ kind: 'lockEntities', id, requestId: action.lockRequestId ?? '', entityIds }];
    }
    case ActionType.ReleaseEntities:
      return entity === undefined
        ? [] // The end of the instance releases what it holds.
        : [
            {
              kind: 'releaseEntity',
              id,
              requestId: lockRequestId ?? '',
              entityId: toEntityId(entity.name, entity.key),
            },
          ];
    default:
      throw new Error(
        `durable-functions asks for an action of type ${action.actionType}, which this host does not know`,
      );
  }
}

function entityDecision({ actionType, instanceId = '', operation = '', input }: Action, id: number): Decision {
  const kind = actionType === ActionType.CallEntity ? 'callEntity' : 'signalEntity';
  return { kind, id, entityId: instanceId, operation, input: json(input) };
}
