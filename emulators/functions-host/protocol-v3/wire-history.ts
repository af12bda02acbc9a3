import type { HistoryEvent, HistoryEventType } from '../engine/types.ts';

/**
 * The history as durable-functions 3 reads it.
 * Source: Azure/azure-functions-durable-js v3, `src/history/*.ts`.
 */
const eventTypes: Readonly<Record<HistoryEventType, number>> = {
  executionStarted: 0,
  executionCompleted: 1,
  terminated: 3,
  activityScheduled: 4,
  activityCompleted: 5,
  activityFailed: 6,
  childCreated: 7,
  childCompleted: 8,
  childFailed: 9,
  timerCreated: 10,
  timerFired: 11,
  turnStarted: 12,
  turnCompleted: 13,
  eventSent: 14,
  eventRaised: 15,
  suspended: 19,
  resumed: 20,
  // The library skips what it does not know, and there is no number for this.
  rewound: 17,
};

export interface WireContext {
  readonly instanceId: string;
  readonly input: string | null;
}

/** One event in the library's spelling. */
export function toWireEvent(event: HistoryEvent, context: WireContext, isPlayed: boolean): object {
  const base = {
    EventType: eventTypes[event.type],
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
    case 'activityScheduled':
      return { ...base, EventId: event.id, Name: event.name, Version: '', Input: event.input };
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
    case 'childCreated':
      return {
        ...base,
        EventId: event.id,
        Name: event.name,
        InstanceId: event.instanceId,
        Input: event.input,
        Version: event.version ?? '',
      };
    case 'timerCreated':
      return { ...base, EventId: event.id, FireAt: new Date(event.fireAt).toISOString() };
    case 'timerFired':
      return { ...base, TimerId: event.id, FireAt: new Date(event.fireAt).toISOString() };
    case 'eventSent':
      return { ...base, EventId: event.id, InstanceId: event.target, Name: event.name, Input: event.input };
    case 'eventRaised':
      return { ...base, Name: event.name, Input: event.input };
    case 'executionCompleted':
      return { ...base, OrchestrationStatus: event.status, Result: event.result };
    case 'terminated':
    case 'suspended':
    case 'resumed':
    case 'rewound':
      return { ...base, Input: event.reason };
    case 'turnStarted':
    case 'turnCompleted':
      return base;
  }
}

/** Events as JSON text without the brackets. */
function toText(events: readonly HistoryEvent[], context: WireContext, isPlayed: boolean): string {
  return events.map((event) => JSON.stringify(toWireEvent(event, context, isPlayed))).join(',');
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
      known.text = known.text === '' ? added : `${known.text},${added}`;
      known.count = past.length;
      this.#past.set(past, known);
    }
    const now = toText(fresh, context, false);
    return `[${known.text}${known.text === '' ? '' : ','}${now}]`;
  }
}
