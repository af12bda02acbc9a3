import { toEntityId } from '../engine/records.ts';
import type { Decision } from '../engine/types.ts';
import { type Action, ActionType } from './actions.ts';
import type { HiddenStep } from './hidden-steps.ts';
import { httpActivityName } from './http-activity.ts';
import type { NumberedAction } from './sequence-ids.ts';

/** The name under which an attempt shows in the history that is not made, for the time for retries is over. */
export const failingActivityName = 'BuiltIn::RetryTimeout';

/** A value as JSON text; null for what JSON has no word for. */
export const toJsonText = (value: unknown) => (value === undefined ? null : (JSON.stringify(value) ?? null));

/** `action.input` as JSON text: the library encodes strings itself, so that they are JSON text already. */
export const encodedInput = (value: unknown) => (typeof value === 'string' ? value : toJsonText(value));

/** What a step that the story did not ask for has the engine do. `defaultPollMs`: the pause when an answer names none. */
export function toHiddenDecision(step: HiddenStep, now: number, defaultPollMs: number): Decision {
  switch (step.kind) {
    case 'timer':
      return { kind: 'createTimer', id: step.id, fireAt: now + (step.delayMs ?? defaultPollMs) };
    case 'request':
      return { kind: 'callActivity', id: step.id, name: httpActivityName, input: toJsonText(step.request) };
    case 'fail':
      return { kind: 'callActivity', id: step.id, name: failingActivityName, input: toJsonText(step.reason) };
    case 'call': {
      const { target, name, input, instanceId = null, version = null } = step.call;
      return target === 'activity'
        ? { kind: 'callActivity', id: step.id, name, input: encodedInput(input) }
        : { kind: 'startChild', id: step.id, name, instanceId, input: toJsonText(input), version };
    }
  }
}

/** What an action of the story has the engine do: one thing, or none. @throws Error for an unknown action. */
export function toDecision({ action, id, place, entity, lockRequestId }: NumberedAction): Decision[] {
  const { functionName: name = '', input } = action;
  switch (action.actionType) {
    case ActionType.CallActivity:
    case ActionType.CallActivityWithRetry:
      return [{ kind: 'callActivity', id, place, name, input: encodedInput(input) }];
    case ActionType.CallSubOrchestrator:
    case ActionType.CallSubOrchestratorWithRetry: {
      const { instanceId, version = null } = action;
      return [
        { kind: 'startChild', id, place, name, instanceId: instanceId || null, input: toJsonText(input), version },
      ];
    }
    case ActionType.CreateTimer: {
      const fireAt = new Date(action.fireAt ?? Number.NaN).getTime();
      if (Number.isNaN(fireAt)) {
        throw new TypeError('createTimer was called with an invalid date');
      }
      return action.isCanceled === true ? [] : [{ kind: 'createTimer', id, place, fireAt }];
    }
    case ActionType.CallHttp:
      return [{ kind: 'callActivity', id, place, name: httpActivityName, input: toJsonText(action.httpRequest) }];
    case ActionType.CallEntity:
    case ActionType.SignalEntity:
      return [entityDecision(action, id, place)];
    case ActionType.LockEntities: {
      const entityIds = (action.lockSet ?? []).map((locked) => toEntityId(locked.name, locked.key));
      return [{ kind: 'lockEntities', id, place, requestId: action.lockRequestId ?? '', entityIds }];
    }
    case ActionType.ReleaseEntities: {
      if (entity === undefined) {
        return []; // The end of the instance releases what it holds.
      }
      const entityId = toEntityId(entity.name, entity.key);
      return [{ kind: 'releaseEntity', id, place, requestId: lockRequestId ?? '', entityId }];
    }
    default:
      throw new Error(
        `durable-functions asks for an action of type ${action.actionType}, which this host does not know`,
      );
  }
}

function entityDecision(action: Action, id: number, place: number | undefined): Decision {
  const { instanceId: entityId = '', operation = '', input } = action;
  const kind = action.actionType === ActionType.CallEntity ? 'callEntity' : 'signalEntity';
  return { kind, id, place, entityId, operation, input: toJsonText(input) };
}
