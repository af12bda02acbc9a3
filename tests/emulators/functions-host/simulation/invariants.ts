import { openTasksOf } from '../../../../emulators/functions-host/engine/open-tasks.ts';
import type { EntityCaller, EntityMessage } from '../../../../emulators/functions-host/engine/records.ts';
import {
  type HistoryEvent,
  isTerminal,
  type RuntimeStatus,
} from '../../../../emulators/functions-host/engine/types.ts';
import type { Dump, Row } from './disk.ts';

/** What has to hold, whatever happens to the host. */
export const invariants = [
  'the outcome is that of the program',
  'every instance reaches its end',
  'no activity with a recorded result runs again',
  'activities start after the commit',
  'no message is lost or applied twice',
  'entities hear in order',
  'histories are valid',
  'timers never fire early',
  'parents hear of children once',
  'what is answered is on disk',
  'a turn is on disk whole or not at all',
  'nothing is left behind',
  'the engine does not fail',
] as const;

export type Invariant = (typeof invariants)[number];

export class Violation extends Error {
  readonly invariant: Invariant;

  constructor(invariant: Invariant, detail: string) {
    super(`${invariant}: ${detail}`);
    this.name = 'Violation';
    this.invariant = invariant;
  }
}

function hold(condition: boolean, invariant: Invariant, detail: () => string): void {
  if (!condition) {
    throw new Violation(invariant, detail());
  }
}

const parsed = <T>(value: unknown) => JSON.parse(String(value)) as T;

export function historyOf(dump: Dump, instanceId: unknown): HistoryEvent[] {
  const seq = dump.instances.find(({ id }) => id === instanceId)?.seq;
  return dump.history
    .filter((row) => row.instance_seq === seq)
    .sort((a, b) => Number(a.turn) - Number(b.turn))
    .flatMap((row) => parsed<HistoryEvent[]>(row.events));
}

/** What holds of every state that a crash can leave on disk. */
export function checkDisk(dump: Dump): void {
  const known = new Set(dump.instances.map(({ seq }) => seq));
  for (const row of dump.history) {
    hold(known.has(row.instance_seq ?? 0), 'nothing is left behind', () => `history of ${row.instance_seq}`);
  }
  for (const row of dump.instances) {
    const history = historyOf(dump, row.id);
    checkHistory(String(row.id), history);
    const inbox = dump.inbox.filter(({ instance_id }) => instance_id === row.id);
    if (isTerminal(row.status as RuntimeStatus)) {
      checkEnded(row, history, [...inbox, ...dump.timers.filter(({ instance_id }) => instance_id === row.id)]);
    } else {
      checkWholeTurns(
        dump,
        row,
        history,
        inbox.map(({ event }) => parsed<HistoryEvent>(event)),
      );
    }
  }
}

function checkEnded(row: Row, history: readonly HistoryEvent[], leftovers: readonly Row[]): void {
  const end = history.findLast(({ type }) => type === 'executionCompleted');
  const ended = end?.type === 'executionCompleted' && end.status === row.status && end.result === row.output;
  hold(ended, 'a turn is on disk whole or not at all', () => `${row.id} is ${row.status}, and its history is not`);
  hold(leftovers.length === 0, 'nothing is left behind', () => `${leftovers.length} rows of ${row.id}, which is over`);
}

/** Whatever waits for something has exactly one thing on disk that will bring it. */
function checkWholeTurns(dump: Dump, row: Row, history: readonly HistoryEvent[], inbox: readonly HistoryEvent[]): void {
  const started = [...history, ...inbox].filter(({ type }) => type === 'executionStarted').length;
  hold(started === 1, 'a turn is on disk whole or not at all', () => `${row.id} starts ${started} times`);
  const created = new Map(
    history.flatMap((event) => (event.type === 'childCreated' ? [[event.id, event.instanceId] as const] : [])),
  );
  for (const task of openTasksOf(history)) {
    const bringers = [
      ...inbox.filter((event) => ('id' in event && event.id === task) || ('name' in event && event.name === task)),
      ...dump.activities.filter((activity) => activity.execution_id === row.execution_id && activity.task_id === task),
      ...dump.instances.filter(
        (child) =>
          child.id === created.get(Number(task)) &&
          !isTerminal(child.status as RuntimeStatus) &&
          parsed<{ executionId?: string } | null>(child.parent)?.executionId === row.execution_id,
      ),
      ...dump.entity_queue.filter(({ message }) => parsed<EntityMessage>(message).caller?.requestId === task),
    ];
    const what = () => `${bringers.length} things bring ${row.id} the result of task ${task}`;
    const invariant =
      bringers.length > 1 ? 'no message is lost or applied twice' : 'a turn is on disk whole or not at all';
    hold(bringers.length === 1, invariant, what);
  }
}

function checkHistory(id: string, history: readonly HistoryEvent[]): void {
  const scheduled = new Map<number, HistoryEvent>();
  const answered = new Set<number | string>();
  let at = 0;
  for (const [index, event] of history.entries()) {
    const is = (condition: boolean, what: string) =>
      hold(condition, 'histories are valid', () => `${what}, at event ${index} of ${id}`);
    if (event.type === 'turnStarted') {
      is(event.at >= at, 'time runs backwards');
      at = event.at;
    }
    switch (event.type) {
      case 'activityScheduled':
      case 'childCreated':
      case 'timerCreated':
      case 'eventSent':
        is(!scheduled.has(event.id), `the id ${event.id} is given twice`);
        scheduled.set(event.id, event);
        break;
      case 'childCompleted':
      case 'childFailed':
        hold(!answered.has(event.id), 'parents hear of children once', () => `${event.id} of ${id}`);
        is(scheduled.get(event.id)?.type === 'childCreated', `a child ${event.id} ends that was never started`);
        answered.add(event.id);
        break;
      case 'activityCompleted':
      case 'activityFailed':
        is(!answered.has(event.id), `the activity ${event.id} ends twice`);
        is(scheduled.get(event.id)?.type === 'activityScheduled', `the activity ${event.id} ends without a start`);
        answered.add(event.id);
        break;
      case 'timerFired': {
        const timer = scheduled.get(event.id);
        is(timer?.type === 'timerCreated' && !answered.has(event.id), `the timer ${event.id} fires unasked or twice`);
        const fireAt = timer?.type === 'timerCreated' ? timer.fireAt : event.fireAt;
        hold(event.at >= fireAt, 'timers never fire early', () => `${event.id} of ${id}`);
        answered.add(event.id);
        break;
      }
      case 'eventRaised':
        if (event.isResponse === true) {
          is(!answered.has(event.name), `the request ${event.name} is answered twice`);
          answered.add(event.name);
        }
        break;
      default:
        break;
    }
  }
}

/** What holds once all is done: nothing waits for anything. */
export function checkQuiet(dump: Dump): void {
  for (const table of ['inbox', 'activities', 'timers', 'entity_queue'] as const) {
    hold(dump[table].length === 0, 'nothing is left behind', () => `${dump[table].length} rows of ${table}`);
  }
  const locked = dump.entities.filter(({ locked_by }) => locked_by !== null);
  hold(
    locked.length === 0,
    'nothing is left behind',
    () => `the lock of ${locked.map(({ locked_by }) => parsed<EntityCaller>(locked_by).instanceId).join()}`,
  );
}
