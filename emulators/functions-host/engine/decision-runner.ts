import type { Entities } from './entities.ts';
import type { Environment } from './environment.ts';
import type { NewInstance, Orchestrations } from './orchestrations.ts';
import type { Instance } from './records.ts';
import type { TaskScheduler } from './task-scheduler.ts';
import type { Decision, DurableProtocol, HistoryEvent } from './types.ts';
import type { VersionSettings } from './versions.ts';

/** What carries out decisions. */
export interface DecisionPorts {
  readonly environment: Environment;
  readonly protocol: DurableProtocol;
  readonly tasks: TaskScheduler;
  readonly entities: () => Entities;
  readonly versions: VersionSettings;
  readonly orchestrations: Pick<Orchestrations, 'get' | 'start' | 'deliver'>;
}

/** Does what the decisions of a turn say: activities, timers, children, and messages to entities. */
export class DecisionRunner {
  readonly #ports: DecisionPorts;

  constructor(ports: DecisionPorts) {
    this.#ports = ports;
  }

  /** Does what a decision says, and gives the events by which the history remembers it. */
  carryOut(instance: Instance, decision: Decision, at: number): HistoryEvent[] {
    const { environment, protocol, tasks, entities, versions } = this.#ports;
    const { id: instanceId, executionId } = instance;
    const { place } = decision;
    switch (decision.kind) {
      case 'callActivity': {
        const { id, name, input } = decision;
        instance.openTasks.add(id);
        tasks.scheduleActivity(instance, id, name, input);
        return [{ type: 'activityScheduled', at, id, name, input, place }];
      }
      case 'startChild': {
        const { id, name, input } = decision;
        const version = decision.version ?? versions.defaultVersion;
        const childId = decision.instanceId ?? `${executionId}:${id}`;
        this.#startChild(instance, { id: childId, name, input, version }, id);
        return [{ type: 'childCreated', at, id, name, instanceId: childId, input, version, place }];
      }
      case 'createTimer':
        tasks.addTimer(instance, decision.id, decision.fireAt);
        return [{ type: 'timerCreated', at, id: decision.id, fireAt: decision.fireAt, place }];
      case 'cancelTimer':
        tasks.dropTimer(instance, decision.id);
        return [];
      case 'callEntity':
      case 'signalEntity': {
        const { id, entityId, operation, input } = decision;
        const isSignal = decision.kind === 'signalEntity';
        const requestId = environment.uuid();
        const caller = isSignal ? null : { instanceId, executionId, requestId };
        if (caller !== null) {
          instance.openTasks.add(requestId);
        }
        entities().send(entityId, { kind: 'operation', operation, input, caller, sender: instanceId });
        const text = protocol.entityRequest({ requestId, operation, input, isSignal, instanceId, executionId });
        const answer = isSignal ? {} : { requestId };
        return [{ type: 'eventSent', at, id, target: entityId, name: 'op', input: text, place, ...answer }];
      }
      case 'lockEntities': {
        const { id, requestId, entityIds } = decision;
        const caller = { instanceId, executionId, requestId };
        const target = entityIds[0] ?? '';
        instance.openTasks.add(requestId);
        entities().send(target, { kind: 'lock', caller, entityIds, position: 0 });
        const request = { requestId, operation: null, input: null, isSignal: false, instanceId, executionId };
        const text = protocol.entityRequest(request);
        return [{ type: 'eventSent', at, id, target, name: 'op', input: text, place, requestId }];
      }
      case 'releaseEntity': {
        const { id, requestId, entityId } = decision;
        entities().release(entityId, requestId);
        const text = JSON.stringify({ id: requestId });
        return [{ type: 'eventSent', at, id, target: entityId, name: 'release', input: text, place }];
      }
    }
  }

  #startChild(parent: Instance, child: Omit<NewInstance, 'parent'>, taskId: number): void {
    const link = { instanceId: parent.id, executionId: parent.executionId, taskId };
    parent.openTasks.add(taskId);
    const { environment, orchestrations } = this.#ports;
    if (orchestrations.get(child.id) !== undefined) {
      const reason = `An orchestration with the instance id '${child.id}' is already running.`;
      orchestrations.deliver(parent.id, parent.executionId, {
        type: 'childFailed',
        at: environment.now(),
        id: taskId,
        reason,
        details: '',
      });
    } else {
      orchestrations.start({ ...child, parent: link });
    }
  }
}
