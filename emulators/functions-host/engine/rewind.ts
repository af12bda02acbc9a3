import type { Entities } from './entities.ts';
import type { Environment } from './environment.ts';
import { openTasksOf } from './open-tasks.ts';
import type { Orchestrations } from './orchestrations.ts';
import type { Instance } from './records.ts';
import { readInstance } from './recovery.ts';
import { cutBeforeLostRequests, splitTurns, turnToCut } from './rewind-cut.ts';
import type { Store } from './store.ts';
import type { DurableProtocol, EventOf, HistoryEvent } from './types.ts';

export interface RewindPorts {
  readonly environment: Environment;
  readonly store: Store;
  readonly protocol: DurableProtocol;
  readonly orchestrations: Orchestrations;
  readonly entities: Entities;
}

/**
 * Has a failed instance go on from before its failure. What succeeded until then stays and does not run again; a failed
 * child is rewound in turn; every other task without a result is queued again under its id. All of it is one change: the
 * stories are asked first, and nothing is touched until all have answered.
 */
export async function rewind(
  instanceId: string,
  reason: string,
  ports: RewindPorts,
): Promise<'done' | 'notFound' | 'notFailed'> {
  const states: ProtocolStates = new Map();
  for (;;) {
    ports.store.flush();
    const instance = find(instanceId, ports);
    if (instance?.status !== 'Failed') {
      return instance === undefined ? 'notFound' : 'notFailed';
    }
    const unasked = failedFamily(instance, ports).filter((member) => !states.has(placeOf(member, ports)));
    if (unasked.length === 0) {
      goBack(instance, reason, states, ports);
      return 'done';
    }
    for (const member of unasked) {
      states.set(placeOf(member, ports), await replayState(member, keptTurns(member, ports), ports.protocol));
    }
    // What the stories took time to answer may be out of date.
  }
}

/** What the protocol knows where a rewind cuts, by that place: the history of an execution that is over does not change. */
type ProtocolStates = Map<string, unknown>;

const placeOf = (instance: Instance, ports: RewindPorts) =>
  `${instance.executionId} ${keptTurns(instance, ports).length}`;

const find = (instanceId: string, { orchestrations, store }: RewindPorts) =>
  orchestrations.get(instanceId) ?? readInstance(store, instanceId);

function keptTurns(instance: Instance, { protocol, entities }: RewindPorts): HistoryEvent[][] {
  const turns = splitTurns(instance.history);
  const cut = turnToCut(turns, instance.output ?? '');
  const requests = {
    grant: protocol.entityResponse('lockGranted'),
    isPending: (requestId: string) => entities.willAnswer(requestId),
  };
  return turns.slice(0, cutBeforeLostRequests(turns, cut, requests));
}

type Task = EventOf<'activityScheduled' | 'childCreated' | 'timerCreated'>;

/** The tasks that were scheduled and have no result, by id. */
function tasksWithoutResult(history: readonly HistoryEvent[]): Map<number, Task> {
  const open = new Map<number, Task>();
  for (const event of history) {
    if (event.type === 'activityScheduled' || event.type === 'childCreated' || event.type === 'timerCreated') {
      open.set(event.id, event);
    } else if ('id' in event && event.type !== 'eventSent') {
      open.delete(event.id);
    }
  }
  return open;
}

/** The instance and the failed children that go back with it. */
function failedFamily(instance: Instance, ports: RewindPorts): Instance[] {
  const family = [instance];
  for (const task of tasksWithoutResult(keptTurns(instance, ports).flat()).values()) {
    const child = task.type === 'childCreated' ? find(task.instanceId, ports) : undefined;
    if (child?.status === 'Failed') {
      family.push(...failedFamily(child, ports));
    }
  }
  return family;
}

function goBack(instance: Instance, reason: string, states: ProtocolStates, ports: RewindPorts): void {
  const { environment, store, orchestrations } = ports;
  const kept = keptTurns(instance, ports).flat();
  const forgotten = instance.history.slice(kept.length);
  instance.protocolState = states.get(placeOf(instance, ports));
  instance.executionId = environment.uuid().replaceAll('-', '');
  instance.status = 'Running';
  instance.output = null;
  instance.updatedAt = environment.now();
  instance.history = kept;
  store.insertInstance(instance);
  if (kept.length > 0) {
    instance.nextTurn = 0;
    store.appendHistory(instance, kept);
  }
  instance.openTasks = openTasksOf(kept);
  orchestrations.revive(instance);
  requeue(instance, forgotten, reason, states, ports);
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
function requeue(
  instance: Instance,
  forgotten: readonly HistoryEvent[],
  reason: string,
  states: ProtocolStates,
  ports: RewindPorts,
): void {
  const { environment, orchestrations } = ports;
  const open = tasksWithoutResult(instance.history);
  orchestrations.deliver(instance.id, null, { type: 'rewound', at: environment.now(), reason });
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
      rejoin(instance, task, reason, states, ports);
    }
  }
}

/** Brings a child back to its parent: rewound if it failed, asked again for its result if it has one. */
function rejoin(
  parent: Instance,
  task: EventOf<'childCreated'>,
  reason: string,
  states: ProtocolStates,
  ports: RewindPorts,
): void {
  const { environment, store, orchestrations } = ports;
  const child = find(task.instanceId, ports);
  const at = environment.now();
  const { id } = task;
  if (child?.status === 'Completed') {
    orchestrations.deliver(parent.id, null, { type: 'childCompleted', at, id, result: child.output });
  } else if (child === undefined || child.status === 'Terminated') {
    const why = `The sub-orchestration '${task.instanceId}' was terminated or purged, and cannot be rewound.`;
    orchestrations.deliver(parent.id, null, { type: 'childFailed', at, id, reason: why, details: why });
  } else {
    child.parent = { instanceId: parent.id, executionId: parent.executionId, taskId: id };
    if (child.status === 'Failed') {
      goBack(child, reason, states, ports);
    } else {
      store.updateInstance(child);
    }
  }
}
