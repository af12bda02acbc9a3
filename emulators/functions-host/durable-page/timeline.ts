import { type HistoryEvent, isTerminal, type RuntimeStatus } from '../engine/types.ts';

export type StepKind =
  | 'activity'
  | 'orchestration'
  | 'timer'
  | 'event'
  | 'sent'
  | 'entity'
  | 'signal'
  | 'lock'
  | 'suspended'
  | 'rewound'
  | 'terminated';

export type StepStatus = 'pending' | 'completed' | 'failed' | 'canceled';

/** Something that an orchestration did, waited for or was told, from its beginning to its end. */
export interface Step {
  /** Its place among the steps of an execution; it stays. */
  readonly index: number;
  readonly kind: StepKind;
  readonly name: string;
  readonly status: StepStatus;
  /** Milliseconds. */
  readonly start: number;
  /** Null while it lasts, or when its end was never seen. */
  readonly end: number | null;
  /** When a timer is to fire. */
  readonly fireAt?: number;
  /** The instance that a step started or was sent to. */
  readonly instanceId?: string;
  readonly reason?: string;
}

/** What went into a step and came out of it, as JSON text. */
export interface StepValues {
  readonly input: string | null;
  readonly result: string | null;
  /** The stack or whatever else was told of a failure. */
  readonly details: string | null;
}

type Draft = { -readonly [key in keyof Step]: Step[key] };

/** What is known of an instance besides its history. */
export interface TimelineContext {
  readonly status: RuntimeStatus;
  /** The task ids of timers that will still fire. */
  readonly pendingTimers: ReadonlySet<number>;
}

/** The steps of an execution, in the order of their beginnings, from its history. */
export function toTimeline(history: readonly HistoryEvent[], context: TimelineContext): Step[] {
  return collect(history, context).map(({ step }) => step);
}

/** The values of one step; undefined when there is no such step. */
export function stepValues(history: readonly HistoryEvent[], index: number): StepValues | undefined {
  return collect(history, { status: 'Running', pendingTimers: new Set() })[index]?.values;
}

interface Collected {
  readonly step: Draft;
  readonly values: { input: string | null; result: string | null; details: string | null };
}

function collect(history: readonly HistoryEvent[], { status, pendingTimers }: TimelineContext): Collected[] {
  const collected: Collected[] = [];
  /** Steps that wait for their end, by task id or by the id of a request to an entity. */
  const open = new Map<number | string, Collected>();
  let suspension: Collected | undefined;

  const begin = (event: HistoryEvent, kind: StepKind, name: string, input: string | null = null): Collected => {
    const step: Draft = { index: collected.length, kind, name, status: 'pending', start: event.at, end: null };
    const entry = { step, values: { input, result: null, details: null } };
    collected.push(entry);
    return entry;
  };
  const happen = (event: HistoryEvent, kind: StepKind, name: string, input: string | null = null): Collected => {
    const entry = begin(event, kind, name, input);
    end(entry, event, 'completed');
    return entry;
  };
  const end = (entry: Collected | undefined, event: HistoryEvent, how: StepStatus, result: string | null = null) => {
    if (entry !== undefined) {
      entry.step.end = event.at;
      entry.step.status = how;
      entry.values.result = result;
    }
  };
  const take = (id: number | string): Collected | undefined => {
    const entry = open.get(id);
    open.delete(id);
    return entry;
  };

  for (const event of history) {
    switch (event.type) {
      case 'activityScheduled':
        open.set(event.id, begin(event, 'activity', event.name, event.input));
        break;
      case 'childCreated': {
        const child = begin(event, 'orchestration', event.name, event.input);
        child.step.instanceId = event.instanceId;
        open.set(event.id, child);
        break;
      }
      case 'timerCreated': {
        const timer = begin(event, 'timer', 'Timer');
        timer.step.fireAt = event.fireAt;
        open.set(event.id, timer);
        break;
      }
      case 'activityCompleted':
      case 'childCompleted':
        end(take(event.id), event, 'completed', event.result);
        break;
      case 'timerFired':
        end(take(event.id), event, 'completed');
        break;
      case 'activityFailed':
      case 'childFailed': {
        const failed = take(event.id);
        end(failed, event, 'failed');
        if (failed !== undefined) {
          failed.step.reason = event.reason;
          failed.values.details = event.details;
        }
        break;
      }
      case 'eventSent': {
        const sent = readSent(event);
        const entry = begin(event, sent.kind, sent.name, sent.input);
        entry.step.instanceId = event.target;
        if (sent.requestId === undefined) {
          end(entry, event, 'completed');
        } else {
          open.set(sent.requestId, entry);
        }
        break;
      }
      case 'eventRaised':
        if (open.has(event.name)) {
          const answer = readAnswer(event.input);
          end(take(event.name), event, answer.isError ? 'failed' : 'completed', answer.result);
        } else {
          happen(event, 'event', event.name, event.input);
        }
        break;
      case 'suspended':
        suspension ??= begin(event, 'suspended', 'Suspended');
        suspension.step.reason = event.reason;
        break;
      case 'resumed':
        end(suspension, event, 'completed');
        suspension = undefined;
        break;
      case 'rewound':
        happen(event, 'rewound', 'Rewound').step.reason = event.reason;
        break;
      case 'terminated':
        end(suspension, event, 'completed');
        suspension = undefined;
        happen(event, 'terminated', 'Terminated').step.reason = event.reason;
        break;
      default:
        break;
    }
  }
  for (const [id, { step }] of open) {
    const isDropped = step.kind === 'timer' && typeof id === 'number' && !pendingTimers.has(id);
    if (isTerminal(status) || isDropped) {
      step.status = 'canceled';
    }
  }
  return collected;
}

/** What an orchestration sent: to an entity (whose request the protocol writes as JSON), or to another instance. */
function readSent(event: HistoryEvent & { readonly type: 'eventSent' }): {
  kind: StepKind;
  name: string;
  input: string | null;
  /** Under which the answer comes. */
  requestId?: string;
} {
  if (!event.target.startsWith('@')) {
    return { kind: 'sent', name: event.name, input: event.input };
  }
  const target = event.target.slice(1).replace('@', '/');
  const { op, signal, input, id } = readObject(event.input);
  if (event.name === 'release') {
    return { kind: 'lock', name: `release ${target}`, input: null };
  }
  const given = typeof input === 'string' ? input : null;
  const answered = signal !== true && typeof id === 'string' ? { requestId: id } : {};
  return typeof op === 'string'
    ? { kind: signal === true ? 'signal' : 'entity', name: `${target} ${op}`, input: given, ...answered }
    : { kind: 'lock', name: `lock ${target}`, input: null, ...answered };
}

function readAnswer(text: string | null): { result: string | null; isError: boolean } {
  const { result, exceptionType } = readObject(text);
  return { result: typeof result === 'string' ? result : null, isError: typeof exceptionType === 'string' };
}

function readObject(text: string | null): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
