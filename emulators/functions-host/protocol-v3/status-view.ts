import type { InstanceSummary } from '../engine/records.ts';
import type { HistoryEvent } from '../engine/types.ts';

export interface StatusOptions {
  readonly showInput: boolean;
  readonly showHistory: boolean;
  readonly showHistoryOutput: boolean;
}

/** JSON text as a value; text that is no JSON as itself. */
export function parseJson(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return text;
  }
}

const wholeSeconds = (at: number) => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** The status of an instance as the management API gives it. */
export function toStatus(
  summary: InstanceSummary,
  options: StatusOptions,
  history: readonly HistoryEvent[] = [],
): object {
  return {
    name: summary.name,
    instanceId: summary.id,
    runtimeStatus: summary.status,
    input: options.showInput ? parseJson(summary.input) : null,
    customStatus: parseJson(summary.customStatus),
    output: parseJson(summary.output),
    createdTime: wholeSeconds(summary.createdAt),
    lastUpdatedTime: wholeSeconds(summary.updatedAt),
    ...(options.showHistory ? { historyEvents: toHistoryEvents(history, options.showHistoryOutput) } : {}),
  };
}

/** The history for people: each completion with what it completes, without the bookkeeping of turns. */
function toHistoryEvents(history: readonly HistoryEvent[], showOutput: boolean): object[] {
  const scheduled = new Map<number, { at: number; name: string }>();
  const view: object[] = [];
  for (const event of history) {
    const Timestamp = new Date(event.at).toISOString();
    const origin = 'id' in event ? scheduled.get(event.id) : undefined;
    const from = { ScheduledTime: new Date(origin?.at ?? event.at).toISOString(), FunctionName: origin?.name ?? '' };
    switch (event.type) {
      case 'executionStarted':
        view.push({ EventType: 'ExecutionStarted', Timestamp, FunctionName: event.name });
        break;
      case 'activityScheduled':
      case 'childCreated':
        scheduled.set(event.id, event);
        break;
      case 'activityCompleted':
      case 'childCompleted': {
        const EventType = event.type === 'activityCompleted' ? 'TaskCompleted' : 'SubOrchestrationInstanceCompleted';
        view.push({ EventType, Timestamp, ...from, ...(showOutput ? { Result: parseJson(event.result) } : {}) });
        break;
      }
      case 'activityFailed':
      case 'childFailed': {
        const EventType = event.type === 'activityFailed' ? 'TaskFailed' : 'SubOrchestrationInstanceFailed';
        view.push({ EventType, Timestamp, ...from, Reason: event.reason, Details: event.details });
        break;
      }
      case 'timerFired':
        view.push({ EventType: 'TimerFired', Timestamp, FireAt: new Date(event.fireAt).toISOString() });
        break;
      case 'eventSent':
        view.push({ EventType: 'EventSent', Timestamp, InstanceId: event.target, Name: event.name });
        break;
      case 'eventRaised':
        view.push({ EventType: 'EventRaised', Timestamp, Name: event.name, Input: parseJson(event.input) });
        break;
      case 'terminated':
        view.push({ EventType: 'ExecutionTerminated', Timestamp, Reason: event.reason });
        break;
      case 'suspended':
      case 'resumed':
      case 'rewound': {
        const names = { suspended: 'ExecutionSuspended', resumed: 'ExecutionResumed', rewound: 'ExecutionRewound' };
        view.push({ EventType: names[event.type], Timestamp, Reason: event.reason });
        break;
      }
      case 'executionCompleted':
        view.push({
          EventType: 'ExecutionCompleted',
          Timestamp,
          OrchestrationStatus: event.status,
          ...(showOutput ? { Result: parseJson(event.result) } : {}),
        });
        break;
      default:
        break;
    }
  }
  return view;
}
