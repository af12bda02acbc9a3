import type { Decision, ExecutionEnd, HistoryEvent, Turn, TurnOutcome } from '../engine/types.ts';
import {
  type Action,
  ActionType,
  actionsSoFar,
  type OrchestratorFailure,
  type OrchestratorState,
  readOrchestratorFailure,
  readOrchestratorState,
} from './actions.ts';
import { type TaskEvent, takeEvent, takesIds } from './hidden-steps.ts';
import { pollOf } from './http-activity.ts';
import { NonDeterminismError, ReplayCheck } from './replay-check.ts';
import { initialSequence, isFireAndForget, leavesOf, numberActions, type SequenceState } from './sequence-ids.ts';
import { encodedInput, toDecision, toHiddenDecision, toJsonText } from './to-decision.ts';
import { WireHistory } from './wire-history.ts';

/**
 * Calls the orchestrator function of that name with its trigger's payload; rejects with what it throws. Shows the
 * library's context to `observe` before the call.
 */
export type CallOrchestrator = (name: string, payload: string, observe: (context: unknown) => void) => Promise<unknown>;

/** What host.json says of orchestrations. */
export interface OrchestrationLimits {
  /** How many tasks one execution may ask for. */
  readonly maxActions: number;
  /** How long a polled request waits when the answer does not say. */
  readonly defaultPollMs: number;
}

export const defaultLimits: OrchestrationLimits = { maxActions: 100_000, defaultPollMs: 30_000 };

const maxCustomStatusKB = 16;

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
      return { kind: 'failed', id: event.id, reason: event.reason };
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
  readonly #limits: OrchestrationLimits;
  readonly #history = new WireHistory();
  readonly #replay = new ReplayCheck();

  constructor(call: CallOrchestrator, limits: OrchestrationLimits = defaultLimits) {
    this.#call = call;
    this.#limits = limits;
  }

  async run(turn: Turn): Promise<TurnOutcome> {
    let sequence = (turn.protocolState as SequenceState | undefined) ?? initialSequence;
    const now = turn.fresh[0]?.at ?? Date.now();
    const decisions: Decision[] = [];
    for (const event of turn.fresh) {
      const known = taskEvent(sequence, event);
      if (known !== undefined) {
        const taken = takeEvent(sequence, known, now);
        if (taken.fault !== undefined) {
          return refused(turn, sequence, new Error(taken.fault));
        }
        sequence = taken.state;
        decisions.push(...taken.steps.map((step) => toHiddenDecision(step, now, this.#limits.defaultPollMs)));
      }
    }
    let context: unknown;
    let state: OrchestratorState;
    try {
      const result = this.#call(turn.name, this.#payload(turn), (given) => {
        context = given;
      });
      state = readOrchestratorState(await result);
    } catch (error) {
      return this.#failed(turn, sequence, decisions, readOrchestratorFailure(error), actionsSoFar(context));
    }
    try {
      const leaves = leavesOf(state.actions);
      this.#replay.check(turn.past, leaves, state.isDone ? 'ends before it' : 'asks for nothing there');
      return this.#outcome(state, leaves, sequence, decisions, now);
    } catch (error) {
      // What the story returned cannot be carried out, or is not what it returned before.
      return refused(turn, sequence, error);
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
      // The library splits timers beyond the second figure in pieces of the first, which take ids as they fire. This host
      // waits as long as it takes: no time that a Date can hold is further off.
      longRunningTimerIntervalDuration: '3.00:00:00',
      maximumShortTimerDuration: '200000000.00:00:00',
      defaultHttpAsyncRequestSleepTimeMillseconds: this.#limits.defaultPollMs,
    };
    const history = this.#history.text(turn.past, turn.fresh, { instanceId, input });
    return `{"history":${history},"input":${input ?? 'null'},${JSON.stringify(rest).slice(1)}`;
  }

  #outcome(
    state: OrchestratorState,
    leaves: readonly Action[],
    sequence: SequenceState,
    hidden: readonly Decision[],
    now: number,
  ): TurnOutcome {
    const numbered = numberActions(sequence, state.actions, now, leaves);
    if (numbered.state.nextId > this.#limits.maxActions) {
      throw new Error(
        `Maximum amount of orchestration actions (${this.#limits.maxActions}) has been reached. ` +
          'This value can be configured in host.json file as maxOrchestrationActions.',
      );
    }
    const cancelled = numbered.cancelled.map((id): Decision => ({ kind: 'cancelTimer', id }));
    const end = endOf(state);
    return {
      decisions: [...hidden, ...numbered.fresh.flatMap(toDecision), ...cancelled],
      protocolState: numbered.state,
      ...customStatus(state.customStatus),
      ...(end === undefined ? {} : { end }),
    };
  }

  /** A story that throws has still sent the signals that it sent. */
  #failed(
    turn: Turn,
    sequence: SequenceState,
    hidden: readonly Decision[],
    failure: OrchestratorFailure,
    askedFor: readonly Action[] | undefined,
  ): TurnOutcome {
    const { message, actions, failureDetails } = failure;
    try {
      if (askedFor !== undefined) {
        this.#replay.check(turn.past, leavesOf(askedFor), `fails before it (${message})`);
      }
      const sent = actions.filter(isFireAndForget).slice(sequence.sent);
      return {
        decisions: [...hidden, ...sent.flatMap((action, index) => toDecision({ action, id: sequence.nextId + index }))],
        protocolState: sequence,
        ...customStatus(failure.customStatus),
        end: {
          kind: 'failed',
          message: `Orchestrator function '${turn.name}' failed: ${message}`,
          ...(failureDetails === undefined ? {} : { failure: failureDetails }),
        },
      };
    } catch (error) {
      return refused(turn, sequence, error);
    }
  }
}

/** The end of a story whose wishes cannot be carried out: none of them is. */
function refused(turn: Turn, sequence: SequenceState, error: unknown): TurnOutcome {
  const message = error instanceof Error ? error.message : String(error);
  const isChanged = error instanceof NonDeterminismError;
  return {
    decisions: [],
    protocolState: sequence,
    end: { kind: 'failed', message: isChanged ? message : `Orchestrator function '${turn.name}' failed: ${message}` },
  };
}

/** @throws RangeError when it is longer than the extension takes. */
function customStatus(value: unknown): { customStatus?: string } {
  const text = toJsonText(value);
  const sizeKB = Math.floor((text?.length ?? 0) / 512); // of UTF-16
  if (sizeKB > maxCustomStatusKB) {
    throw new RangeError(
      `The custom status is too large. The UTF-16 size of the JSON-serialized payload must not exceed ` +
        `${maxCustomStatusKB} KB. The current payload size is ${sizeKB} KB.`,
    );
  }
  return text === null || text === 'null' ? {} : { customStatus: text };
}

function endOf(state: OrchestratorState): ExecutionEnd | undefined {
  if (!state.isDone) {
    return undefined;
  }
  const again = state.actions.find((action) => action.actionType === ActionType.ContinueAsNew);
  return again === undefined
    ? { kind: 'completed', output: toJsonText(state.output) }
    : { kind: 'continuedAsNew', input: encodedInput(again.input) };
}
