import { isObject, type ObjectValue, type Value } from '../expressions/index.ts';
import type { ActivityRecord } from '../store/records.ts';

/** The activities that see each other: those of a pipeline, of a branch or of an iteration. */
export interface Scope {
  /** Prefix of the keys of its activities. */
  readonly path: string;
  readonly parent: Scope | undefined;
  /** The element of the innermost ForEach; none outside of one. */
  readonly item: Value | undefined;
  readonly iterationHash: string;
  /** What `activity('name')` gives, of those that ended. */
  readonly ended: Map<string, ObjectValue>;
}

/** The scope of a whole pipeline. */
export function rootScope(): Scope {
  return { path: '', parent: undefined, item: undefined, iterationHash: '', ended: new Map() };
}

/** What `activity()` finds within a scope and around it. */
export function visibleActivities(scope: Scope): ObjectValue {
  const outer = scope.parent === undefined ? {} : visibleActivities(scope.parent);
  return { ...outer, ...Object.fromEntries(scope.ended) };
}

/** What `activity('name')` gives of an ended activity. */
export function activityValue({ status, data, error, activityRunId, start, end }: ActivityRecord): ObjectValue {
  return {
    ...(status === 'Skipped' ? {} : { output: isObject(data.output) ? data.output : {} }),
    ...(error === null ? {} : { error: { ...error } }),
    Status: status,
    ActivityRunId: activityRunId,
    ExecutionStartTime: start,
    ExecutionEndTime: end,
  };
}
