import type { HistoryEvent } from './types.ts';

/** The open task that an event answers; undefined when it answers none, or a timer. */
export function answeredTask(event: HistoryEvent): number | string | undefined {
  switch (event.type) {
    case 'activityCompleted':
    case 'activityFailed':
    case 'childCompleted':
    case 'childFailed':
      return event.id;
    case 'eventRaised':
      return event.isResponse === true ? event.name : undefined;
    default:
      return undefined;
  }
}

/** The tasks of a history that have no answer in it. */
export function openTasksOf(history: readonly HistoryEvent[]): Set<number | string> {
  const open = new Set<number | string>();
  for (const event of history) {
    if (event.type === 'activityScheduled' || event.type === 'childCreated') {
      open.add(event.id);
    } else if (event.type === 'eventSent' && event.requestId !== undefined) {
      open.add(event.requestId);
    } else {
      const answered = answeredTask(event);
      if (answered !== undefined) {
        open.delete(answered);
      }
    }
  }
  return open;
}
