import type { HistoryEvent, HistoryEventType } from '../engine/types.ts';

/**
 * The events that durable-functions 3 heeds, with their numbers. It passes over all others (what an orchestration asked for,
 * the ends of turns, suspensions), and so they are left out: the library reads the whole text in every turn.
 * Source: Azure/azure-functions-durable-js v3, `src/history/*.ts`, `TaskOrchestrationExecutor.processEvent`.
 */
const eventTypes: Readonly<Partial<Record<HistoryEventType, number>>> = {
  executionStarted: 0,
  activityCompleted: 5,
  activityFailed: 6,
  childCompleted: 8,
  childFailed: 9,
  timerFired: 11,
  turnStarted: 12,
  eventSent: 14,
  eventRaised: 15,
};

export interface WireContext {
  readonly instanceId: string;
  readonly input: string | null;
}

/** One event in the library's spelling; undefined when it does not heed such events. */
export function toWireEvent(event: HistoryEvent, context: WireContext, isPlayed: boolean): object | undefined {
  const type = eventTypes[event.type];
  if (type === undefined) {
    return undefined;
  }
  const base = {
    EventType: type,
    EventId: -1,
    IsPlayed: isPlayed,
    Timestamp: new Date(event.at).toISOString(),
  };
  switch (event.type) {
    case 'executionStarted':
      return {
        ...base,
        Name: event.name,
        Version: event.version ?? '',
        Input: context.input,
        OrchestrationInstance: { InstanceId: context.instanceId },
      };
    case 'activityCompleted':
    case 'childCompleted':
      return { ...base, TaskScheduledId: event.id, Result: event.result };
    case 'activityFailed':
    case 'childFailed':
      return {
        ...base,
        TaskScheduledId: event.id,
        Reason: event.reason,
        Details: event.details,
        ...(event.failure === undefined ? {} : { FailureDetails: event.failure }),
      };
    case 'timerFired':
      return { ...base, TimerId: event.id, FireAt: new Date(event.fireAt).toISOString() };
    case 'eventSent':
      return { ...base, EventId: event.id, InstanceId: event.target, Name: event.name, Input: event.input };
    case 'eventRaised':
      return { ...base, Name: event.name, Input: event.input };
    default:
      return base;
  }
}

/** Events as JSON text without the brackets. */
function toText(events: readonly HistoryEvent[], context: WireContext, isPlayed: boolean): string {
  return events
    .flatMap((event) => toWireEvent(event, context, isPlayed) ?? [])
    .map((event) => JSON.stringify(event))
    .join(',');
}

/**
 * Writes histories as text. What is past never changes, so its text is kept and only grows; an execution's array of
 * events is its identity.
 */
export class WireHistory {
  readonly #past = new WeakMap<readonly HistoryEvent[], { count: number; text: string }>();

  text(past: readonly HistoryEvent[], fresh: readonly HistoryEvent[], context: WireContext): string {
    const known = this.#past.get(past) ?? { count: 0, text: '' };
    if (known.count < past.length) {
      const added = toText(past.slice(known.count), context, true);
      known.text = known.text === '' || added === '' ? known.text + added : `${known.text},${added}`;
      known.count = past.length;
      this.#past.set(past, known);
    }
    const now = toText(fresh, context, false);
    return `[${known.text}${known.text === '' ? '' : ','}${now}]`;
  }
}
