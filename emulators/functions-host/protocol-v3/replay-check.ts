import type { HistoryEvent } from '../engine/types.ts';
import { type Action, ActionType } from './actions.ts';
import { httpActivityName } from './http-activity.ts';

/** What a step is, as far as a replay must not change it. */
interface Step {
  readonly kind: 'activity' | 'sub-orchestration' | 'timer' | 'entity message' | 'release of entities';
  /** Of the function or of the entity. */
  readonly name: string;
}

interface KnownStep extends Step {
  readonly id: number;
  readonly at: number;
}

const kinds: Readonly<Record<number, Step['kind']>> = {
  [ActionType.CallActivity]: 'activity',
  [ActionType.CallActivityWithRetry]: 'activity',
  [ActionType.CallHttp]: 'activity',
  [ActionType.CallSubOrchestrator]: 'sub-orchestration',
  [ActionType.CallSubOrchestratorWithRetry]: 'sub-orchestration',
  [ActionType.CreateTimer]: 'timer',
  [ActionType.CallEntity]: 'entity message',
  [ActionType.SignalEntity]: 'entity message',
  [ActionType.LockEntities]: 'entity message',
  [ActionType.ReleaseEntities]: 'release of entities',
};

/** The step that the history remembers by this event; undefined when it is none of the story's own. */
function knownStep(event: HistoryEvent): KnownStep | undefined {
  switch (event.type) {
    case 'activityScheduled':
      return { kind: 'activity', name: event.name, id: event.id, at: event.at };
    case 'childCreated':
      return { kind: 'sub-orchestration', name: event.name, id: event.id, at: event.at };
    case 'timerCreated':
      return { kind: 'timer', name: '', id: event.id, at: event.at };
    case 'eventSent':
      return event.name === 'release'
        ? { kind: 'release of entities', name: '', id: event.id, at: event.at }
        : { kind: 'entity message', name: event.target, id: event.id, at: event.at };
    default:
      return undefined;
  }
}

function nameOf(action: Action): string {
  switch (action.actionType) {
    case ActionType.CallHttp:
      return httpActivityName;
    case ActionType.LockEntities: {
      const [first] = action.lockSet ?? [];
      return first === undefined ? '' : `@${first.name}@${first.key}`;
    }
    case ActionType.CallEntity:
    case ActionType.SignalEntity:
      return action.instanceId ?? '';
    default:
      return action.functionName ?? '';
  }
}

function matches(step: Step, action: Action): boolean {
  if (step.kind !== kinds[action.actionType]) {
    return false;
  }
  const name = nameOf(action);
  return name === step.name || name.toLowerCase() === step.name.toLowerCase();
}

function describe({ kind, name }: Step): string {
  if (kind === 'entity message') {
    return `a message to entity '${name}'`;
  }
  return name === httpActivityName ? 'an HTTP request' : name === '' ? `a ${kind}` : `${kind} '${name}'`;
}

function describeAction(action: Action): string {
  return describe({ kind: kinds[action.actionType] ?? 'activity', name: nameOf(action) });
}

/** Where a replay left the path that the history tells of. */
export class NonDeterminismError extends Error {
  constructor(place: number, known: KnownStep, instead: string) {
    const at = new Date(known.at).toISOString();
    super(
      `Non-Deterministic workflow detected: step ${place + 1} of this instance was ${describe(known)} (task ${known.id}, ` +
        `scheduled at ${at}), but the orchestrator function now ${instead}. At each replay it must ask for the same ` +
        'steps in the same order. If its code was changed while the instance was running, put the old code back and ' +
        'rewind the instance, and let new code apply to new versions only (context.df.version); otherwise look in it ' +
        'for the clock, random values, settings or I/O.',
    );
    this.name = 'NonDeterminismError';
  }
}

/**
 * Compares what an orchestrator asks for with what its history says that it asked for. Steps count from the first;
 * waits for events are none, for nothing is scheduled for them.
 */
export class ReplayCheck {
  /** By the array of an execution's events, which is its identity and only grows. */
  readonly #known = new WeakMap<
    readonly HistoryEvent[],
    { count: number; readonly steps: (KnownStep | undefined)[] }
  >();

  /**
   * `otherwise`: what the function does if a leaf is missing.
   * @throws NonDeterminismError when a step of the history is missing among the leaves, or another one stands there.
   */
  check(past: readonly HistoryEvent[], leaves: readonly Action[], otherwise: string): void {
    const steps = this.#steps(past);
    for (let place = 0; place < steps.length; place++) {
      const [step, leaf] = [steps[place], leaves[place]];
      if (step !== undefined && (leaf === undefined || !matches(step, leaf))) {
        const instead = leaf === undefined ? otherwise : `asks for ${describeAction(leaf)} there`;
        throw new NonDeterminismError(place, step, instead);
      }
    }
  }

  #steps(past: readonly HistoryEvent[]): readonly (KnownStep | undefined)[] {
    let known = this.#known.get(past);
    if (known === undefined) {
      known = { count: 0, steps: [] };
      this.#known.set(past, known);
    }
    for (; known.count < past.length; known.count++) {
      const event = past[known.count];
      if (event !== undefined && 'place' in event && event.place !== undefined) {
        known.steps[event.place] ??= knownStep(event);
      }
    }
    return known.steps;
  }
}
