import {
  DefinitionError,
  type JsonObject,
  listField,
  objectField,
  optionalNumber,
  optionalString,
  readObject,
} from './json.ts';
import { type Reference, readReference } from './references.ts';

export type Frequency = 'Minute' | 'Hour' | 'Day' | 'Week' | 'Month';

/** When a schedule trigger fires. */
export interface Recurrence {
  readonly frequency: Frequency;
  readonly interval: number;
  readonly startTime: string | undefined;
  readonly endTime: string | undefined;
  /** A Windows zone id. */
  readonly timeZone: string;
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** Sunday is 0. */
  readonly weekDays: readonly number[];
  /** Negative days count from the end of the month. */
  readonly monthDays: readonly number[];
  readonly monthlyOccurrences: readonly { readonly day: number; readonly occurrence: number }[];
}

/** A schedule trigger, or one of another type, which can be kept but not started. */
export interface Trigger {
  readonly type: string;
  readonly pipelines: readonly { readonly pipeline: Reference; readonly parameters: JsonObject }[];
  readonly recurrence: Recurrence | undefined;
}

const FREQUENCIES: readonly string[] = ['Minute', 'Hour', 'Day', 'Week', 'Month'];
const WEEK_DAYS: readonly string[] = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/**
 * Reads a trigger's `properties`.
 * @throws DefinitionError
 */
export function readTrigger(properties: JsonObject): Trigger {
  const type = optionalString(properties, 'type') ?? '';
  const pipelines = listField(properties, 'pipelines').map((one) => {
    const object = readObject(one, 'A pipeline of a trigger');
    const pipeline = readReference(object.pipelineReference);
    if (pipeline === undefined) throw new DefinitionError("A pipeline of a trigger needs a 'pipelineReference'.");
    return { pipeline, parameters: objectField(object, 'parameters') };
  });
  const recurrence =
    type === 'ScheduleTrigger'
      ? readRecurrence(objectField(objectField(properties, 'typeProperties'), 'recurrence'))
      : undefined;
  return { type, pipelines, recurrence };
}

function readRecurrence(recurrence: JsonObject): Recurrence {
  const frequency = optionalString(recurrence, 'frequency') ?? '';
  if (!FREQUENCIES.includes(frequency)) {
    throw new DefinitionError(`'frequency' must be one of ${FREQUENCIES.join(', ')}, not '${frequency}'.`);
  }
  const interval = optionalNumber(recurrence, 'interval') ?? 1;
  if (!Number.isInteger(interval) || interval < 1)
    throw new DefinitionError("'interval' must be a whole number from 1.");
  const schedule = objectField(recurrence, 'schedule');
  const days = (list: readonly unknown[]): number[] => list.map((name) => weekDay(name));
  return {
    frequency: frequency as Frequency,
    interval,
    startTime: optionalString(recurrence, 'startTime'),
    endTime: optionalString(recurrence, 'endTime'),
    timeZone: optionalString(recurrence, 'timeZone') ?? 'UTC',
    minutes: numbers(schedule, 'minutes', 0, 59),
    hours: numbers(schedule, 'hours', 0, 23),
    weekDays: days(listField(schedule, 'weekDays')),
    monthDays: numbers(schedule, 'monthDays', -31, 31),
    monthlyOccurrences: listField(schedule, 'monthlyOccurrences').map((one) => {
      const object = readObject(one, 'A monthly occurrence');
      return { day: weekDay(object.day), occurrence: optionalNumber(object, 'occurrence') ?? 1 };
    }),
  };
}

function weekDay(name: unknown): number {
  const day = WEEK_DAYS.indexOf(String(name));
  if (day === -1) throw new DefinitionError(`'${String(name)}' is no day of the week; use ${WEEK_DAYS.join(', ')}.`);
  return day;
}

function numbers(schedule: JsonObject, key: string, least: number, most: number): number[] {
  return listField(schedule, key).map((one) => {
    const number = Number(one);
    if (Number.isInteger(number) && number >= least && number <= most) return number;
    throw new DefinitionError(`'${key}' must hold whole numbers from ${least} to ${most}.`);
  });
}
