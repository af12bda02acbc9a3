import { randomUUID } from 'node:crypto';
import type { Orchestrations } from './orchestrations.ts';
import type { Instance } from './records.ts';
import { readInstance } from './recovery.ts';
import type { Store } from './store.ts';
import type { DurableProtocol, EventOf, HistoryEvent } from './types.ts';

export interface RewindPorts {
  readonly store: Store;
  readonly protocol: DurableProtocol;
  readonly orchestrations: Orchestrations;
}

type Failure = EventOf<'activityFailed' | 'childFailed'>;

const isFailure = (event: HistoryEvent): event is Failure =>
  event.type === 'activityFailed' || event.type === 'childFailed';

/** Splits a history into its turns; what stands between two turns belongs to the one before. */
export function splitTurns(history: readonly HistoryEvent[]): HistoryEvent[][] {
  const turns: HistoryEvent[][] = [];
  for (const event of history) {
    const current = turns.at(-1);
    if (current === undefined || event.type === 'turnStarted') {
      turns.push([event]);
    } else {
      current.push(event);
    }
  }
  return turns;
}

/**
 * The turn before which a rewind cuts: that of the first failure which the instance's own failure speaks of, so that
 * failures that the story coped with stay, while what it did on its way down (to clean up, to report) is forgotten. With
 * no such failure the story itself threw, and its last turn is told again.
 */
export function turnToCut(turns: readonly (readonly HistoryEvent[])[], message: string): number {
  const guilty = turns.findIndex((turn) =>
    turn.some((event) => isFailure(event) && event.reason !== '' && message.includes(event.reason)),
  );
  return guilty >= 0 ? guilty : turns.length - 1;
}

/**
 * Has a failed instance go on from before its failure. What succeeded until then stays and does not run again; a failed
 * child is rewound in turn; every other task without a result is queued again under its id.
 */
export async function rewind(instance: Instance, reason: string, ports: RewindPorts): Promise<void> {
  const { store, orchestrations } = ports;
  const turns = splitTurns(instance.history);
  const cut = turnToCut(turns, instance.output ?? '');
  const kept = turns.slice(0, cut).flat();
  const forgotten = turns.slice(cut).flat();
  const protocolState = await replayState(instance, turns.slice(0, cut), ports.protocol);
  instance.executionId = randomUUID().replaceAll('-', '');
  instance.status = 'Running';
  instance.output = null;
  instance.updatedAt = Date.now();
  instance.protocolState = protocolState;
  instance.history = kept;
  store.insertInstance(instance);
  if (kept.length > 0) {
    instance.nextTurn = 0;
    store.appendHistory(instance, kept);
  }
  orchestrations.revive(instance);
  await requeue(instance, forgotten, reason, ports);
}

/** What the protocol knew after those turns: it is asked again, turn by turn, and what it decides is already done. */
async function replayState(instance: Instance, turns: readonly HistoryEvent[][], protocol: DurableProtocol) {
  let protocolState: unknown;
  const past: HistoryEvent[] = [];
  for (const turn of turns) {
    const received = turn.filter((event) => !isDecided(event) && event.type !== 'turnCompleted');
    if (turn[0]?.type === 'turnStarted') {
      const { id: instanceId, name, input } = instance;
      const parentInstanceId = instance.parent?.instanceId ?? null;
      const outcome = await protocol.runTurn({
        instanceId,
        name,
        input,
        parentInstanceId,
        past,
        fresh: received,
        protocolState,
      });
      protocolState = outcome.protocolState;
    }
    past.push(...turn);
  }
  return protocolState;
}

function isDecided(event: HistoryEvent): boolean {
  const decided = ['activityScheduled', 'childCreated', 'timerCreated', 'eventSent', 'executionCompleted'];
  return decided.includes(event.type);
}

/** Puts the successes and external events that the cut took back in the inbox, and starts again what has no result. */
async function requeue(instance: Instance, forgotten: readonly HistoryEvent[], reason: string, ports: RewindPorts) {
  const { orchestrations } = ports;
  const open = new Map<number, EventOf<'activityScheduled' | 'childCreated' | 'timerCreated'>>();
  for (const event of instance.history) {
    if (event.type === 'activityScheduled' || event.type === 'childCreated' || event.type === 'timerCreated') {
      open.set(event.id, event);
    } else if ('id' in event && event.type !== 'eventSent') {
      open.delete(event.id);
    }
  }
  orchestrations.deliver(instance.id, null, { type: 'rewound', at: Date.now(), reason });
  for (const event of forgotten) {
    const succeeded =
      event.type === 'activityCompleted' || event.type === 'childCompleted' || event.type === 'timerFired';
    if (event.type === 'executionStarted' || event.type === 'eventRaised' || (succeeded && open.delete(event.id))) {
      orchestrations.deliver(instance.id, null, event);
    }
  }
  for (const task of open.values()) {
    if (task.type === 'activityScheduled') {
      orchestrations.tasks.scheduleActivity(instance, task.id, task.name, task.input);
    } else if (task.type === 'timerCreated') {
      orchestrations.tasks.addTimer(instance, task.id, task.fireAt);
    } else {
      await rejoin(instance, task, reason, ports);
    }
  }
}

/** Brings a child back to its parent: rewound if it failed, asked again for its result if it has one. */
async function rejoin(parent: Instance, task: EventOf<'childCreated'>, reason: string, ports: RewindPorts) {
  const { store, orchestrations } = ports;
  const live = orchestrations.get(task.instanceId);
  const child = live ?? readInstance(store, task.instanceId);
  const at = Date.now();
  const { id } = task;
  if (child?.status === 'Completed') {
    orchestrations.deliver(parent.id, null, { type: 'childCompleted', at, id, result: child.output });
  } else if (child === undefined || child.status === 'Terminated') {
    const why = `The sub-orchestration '${task.instanceId}' was terminated or purged, and cannot be rewound.`;
    orchestrations.deliver(parent.id, null, { type: 'childFailed', at, id, reason: why, details: why });
  } else {
    child.parent = { instanceId: parent.id, executionId: parent.executionId, taskId: id };
    if (child.status === 'Failed') {
      await rewind(child, reason, ports);
    } else {
      store.updateInstance(child);
    }
  }
}
