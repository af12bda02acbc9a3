import { parseTimeSpan } from './durations.ts';
import {
  DefinitionError,
  type JsonObject,
  listField,
  objectField,
  optionalBoolean,
  optionalNumber,
  optionalString,
  readObject,
  requiredString,
} from './json.ts';
import type { ParameterSpec } from './parameters.ts';
import { readParameterSpecs } from './parameters.ts';

export type ActivityStatus = 'Queued' | 'InProgress' | 'Succeeded' | 'Failed' | 'Skipped' | 'Cancelled';
export type DependencyCondition = 'Succeeded' | 'Failed' | 'Skipped' | 'Completed';

/** One activity of a pipeline; its `typeProperties` are read by what runs it. */
export interface Activity {
  readonly name: string;
  readonly type: string;
  readonly dependsOn: readonly { readonly activity: string; readonly conditions: readonly DependencyCondition[] }[];
  readonly policy: ActivityPolicy;
  readonly userProperties: readonly { readonly name: string; readonly value: unknown }[];
  readonly typeProperties: JsonObject;
  readonly linkedServiceName: unknown;
  readonly inputs: readonly unknown[];
  readonly outputs: readonly unknown[];
  /** What an activity that is switched off counts as. */
  readonly inactiveAs: 'Succeeded' | 'Failed' | 'Skipped' | undefined;
}

export interface ActivityPolicy {
  readonly timeoutMs: number;
  readonly retry: number;
  readonly retryIntervalSeconds: number;
  readonly secureInput: boolean;
  readonly secureOutput: boolean;
}

/** A pipeline's `properties`. */
export interface Pipeline {
  readonly activities: readonly Activity[];
  readonly parameters: Readonly<Record<string, ParameterSpec>>;
  readonly variables: Readonly<Record<string, ParameterSpec>>;
  /** Runs at the same time; more are queued. */
  readonly concurrency: number;
  readonly annotations: readonly unknown[];
}

const CONDITIONS: readonly string[] = ['Succeeded', 'Failed', 'Skipped', 'Completed'];
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const DEFAULT_TIMEOUT = '0.12:00:00';

/**
 * Reads a pipeline's `properties`, nested activities included.
 * @throws DefinitionError
 */
export function readPipeline(properties: JsonObject): Pipeline {
  return {
    activities: readActivities(listField(properties, 'activities')),
    parameters: readParameterSpecs(objectField(properties, 'parameters')),
    variables: readParameterSpecs(objectField(properties, 'variables')),
    concurrency: optionalNumber(properties, 'concurrency') ?? Number.POSITIVE_INFINITY,
    annotations: listField(properties, 'annotations'),
  };
}

/** Reads a list of activities: names are unique, dependencies exist and go in no circle. */
export function readActivities(list: readonly unknown[]): readonly Activity[] {
  const activities = list.map(readActivity);
  const byName = new Map(activities.map((activity) => [activity.name, activity]));
  if (byName.size < activities.length) {
    const names = activities.map(({ name }) => name);
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    throw new DefinitionError(`The name '${twice}' is used by more than one activity.`);
  }
  const visit = (activity: Activity, path: readonly string[]): void => {
    if (path.includes(activity.name)) {
      throw new DefinitionError(
        `The activities depend on each other in a circle: ${[...path, activity.name].join(' → ')}.`,
      );
    }
    for (const { activity: name } of activity.dependsOn) {
      const upstream = byName.get(name);
      if (upstream === undefined) {
        throw new DefinitionError(
          `Activity '${activity.name}' depends on '${name}', which does not exist in its scope.`,
        );
      }
      visit(upstream, [...path, activity.name]);
    }
  };
  for (const activity of activities) visit(activity, []);
  return activities;
}

function readActivity(value: unknown): Activity {
  const object = readObject(value, 'An activity');
  const name = requiredString(object, 'name', 'an activity');
  const type = requiredString(object, 'type', `activity '${name}'`);
  const typeProperties = objectField(object, 'typeProperties');
  for (const key of ['activities', 'ifTrueActivities', 'ifFalseActivities', 'defaultActivities']) {
    readActivities(listField(typeProperties, key));
  }
  for (const one of listField(typeProperties, 'cases')) {
    if (type === 'Switch') readActivities(listField(readObject(one, 'A case'), 'activities'));
  }
  return {
    name,
    type,
    dependsOn: listField(object, 'dependsOn').map((entry) => readDependency(entry, name)),
    policy: readPolicy(objectField(object, 'policy'), name),
    userProperties: listField(object, 'userProperties').map((entry) => {
      const property = readObject(entry, 'A user property');
      return { name: requiredString(property, 'name', 'a user property'), value: property.value };
    }),
    typeProperties,
    linkedServiceName: object.linkedServiceName,
    inputs: listField(object, 'inputs'),
    outputs: listField(object, 'outputs'),
    inactiveAs: readInactive(object),
  };
}

function readInactive(object: JsonObject): Activity['inactiveAs'] {
  if (optionalString(object, 'state') !== 'Inactive') return undefined;
  const status = optionalString(object, 'onInactiveMarkAs') ?? 'Succeeded';
  if (status === 'Succeeded' || status === 'Failed' || status === 'Skipped') return status;
  throw new DefinitionError(`'onInactiveMarkAs' must be Succeeded, Failed or Skipped, not '${status}'.`);
}

function readDependency(entry: unknown, name: string): Activity['dependsOn'][number] {
  const dependency = readObject(entry, `A dependency of '${name}'`);
  const conditions = listField(dependency, 'dependencyConditions').map((condition) => {
    if (typeof condition === 'string' && CONDITIONS.includes(condition)) return condition as DependencyCondition;
    throw new DefinitionError(`'${String(condition)}' is no dependency condition; use ${CONDITIONS.join(', ')}.`);
  });
  return {
    activity: requiredString(dependency, 'activity', `a dependency of '${name}'`),
    conditions: conditions.length === 0 ? ['Succeeded'] : conditions,
  };
}

function readPolicy(policy: JsonObject, name: string): ActivityPolicy {
  const timeout = optionalString(policy, 'timeout') ?? DEFAULT_TIMEOUT;
  return {
    timeoutMs: Math.min(parseTimeSpan(timeout, `The timeout of '${name}'`), LONGEST_TIMER_MS),
    retry: optionalNumber(policy, 'retry') ?? 0,
    retryIntervalSeconds: optionalNumber(policy, 'retryIntervalInSeconds') ?? 30,
    secureInput: optionalBoolean(policy, 'secureInput') ?? false,
    secureOutput: optionalBoolean(policy, 'secureOutput') ?? false,
  };
}
