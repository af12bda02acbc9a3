import type { EventOf, HistoryEvent, HistoryEventType } from '../engine/types.ts';
import { parseJson } from './json-text.ts';

export interface HistoryViewOptions {
  readonly showInput: boolean;
  readonly showHistoryOutput: boolean;
}

type Row = Record<string, unknown>;
type Scheduled = EventOf<'activityScheduled' | 'childCreated'>;

const names: Readonly<Partial<Record<HistoryEventType, string>>> = {
  executionStarted: 'ExecutionStarted',
  activityScheduled: 'TaskScheduled',
  activityCompleted: 'TaskCompleted',
  activityFailed: 'TaskFailed',
  childCreated: 'SubOrchestrationInstanceCreated',
  childCompleted: 'SubOrchestrationInstanceCompleted',
  childFailed: 'SubOrchestrationInstanceFailed',
  timerCreated: 'TimerCreated',
  timerFired: 'TimerFired',
  eventSent: 'EventSent',
  eventRaised: 'EventRaised',
  terminated: 'ExecutionTerminated',
  suspended: 'ExecutionSuspended',
  resumed: 'ExecutionResumed',
  rewound: 'ExecutionRewound',
  executionCompleted: 'ExecutionCompleted',
};

const time = (at: number) => new Date(at).toISOString();

/**
 * The history for people: each completion with what it completes, what is still open, and none of the bookkeeping of
 * turns. Inputs are JSON text, results are values.
 * Source: Azure/azure-functions-durable-extension, `ContextImplementations/DurableClient.cs`
 * (`GetDurableOrchestrationStatusAsync`).
 */
export function toHistoryView(
  history: readonly HistoryEvent[],
  input: string | null,
  options: HistoryViewOptions,
): object[] {
  const open = new Map<number, { readonly row: Row; readonly event: Scheduled }>();
  const view = new Set<Row>();
  for (const event of history) {
    const EventType = names[event.type];
    if (EventType === undefined) {
      continue;
    }
    const row: Row = { EventType, Timestamp: time(event.at) };
    view.add(row);
    if (event.type === 'activityScheduled' || event.type === 'childCreated') {
      open.set(event.id, { row, event });
    }
    if (isCompletion(event)) {
      const begun = open.get(event.id);
      if (begun !== undefined) {
        open.delete(event.id);
        view.delete(begun.row);
        Object.assign(row, { ScheduledTime: time(begun.event.at), FunctionName: begun.event.name });
        addInput(row, begun.event.input, options);
      }
    }
    addFields(row, event, input, options);
  }
  return [...view];
}

function isCompletion(
  event: HistoryEvent,
): event is EventOf<'activityCompleted' | 'childCompleted' | 'activityFailed' | 'childFailed'> {
  const { type } = event;
  return (
    type === 'activityCompleted' || type === 'childCompleted' || type === 'activityFailed' || type === 'childFailed'
  );
}

function addInput(row: Row, input: string | null, { showInput }: HistoryViewOptions): void {
  if (showInput) {
    row.Input = input;
  }
}

function addFields(row: Row, event: HistoryEvent, input: string | null, options: HistoryViewOptions): void {
  switch (event.type) {
    case 'executionStarted':
      row.FunctionName = event.name;
      addInput(row, input, options);
      break;
    case 'activityScheduled':
      row.Name = event.name;
      addInput(row, event.input, options);
      break;
    case 'childCreated':
      Object.assign(row, { Name: event.name, InstanceId: event.instanceId });
      addInput(row, event.input, options);
      break;
    case 'activityCompleted':
    case 'childCompleted':
    case 'executionCompleted':
      if (event.type === 'executionCompleted') {
        row.OrchestrationStatus = event.status;
      }
      if (options.showHistoryOutput) {
        row.Result = parseJson(event.result);
      }
      break;
    case 'activityFailed':
    case 'childFailed':
      Object.assign(row, { Reason: event.reason, Details: event.details });
      break;
    case 'timerCreated':
    case 'timerFired':
      row.FireAt = time(event.fireAt);
      break;
    case 'eventSent':
      Object.assign(row, { InstanceId: event.target, Name: event.name });
      addInput(row, event.input, options);
      break;
    case 'eventRaised':
      row.Name = event.name;
      addInput(row, event.input, options);
      break;
    case 'terminated':
    case 'suspended':
    case 'resumed':
    case 'rewound':
      row.Reason = event.reason;
      break;
    default:
      break;
  }
}
