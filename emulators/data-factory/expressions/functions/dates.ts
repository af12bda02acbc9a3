import type { EvaluationContext } from '../context.ts';
import { formatMoment } from '../dates/format-moment.ts';
import {
  addMonths,
  addTicks,
  fieldsOf,
  fromDate,
  type Moment,
  parseMoment,
  TICKS_PER_DAY,
  TICKS_PER_SECOND,
} from '../dates/moment.ts';
import { findZone, fromZone, toZone } from '../dates/zones.ts';
import { ExpressionError } from '../expression-error.ts';
import type { Value } from '../value.ts';
import { type Builtin, expectCount, expectInteger, expectString, usageError } from './arguments.ts';

const UNITS: ReadonlyMap<string, { readonly ticks: bigint } | { readonly months: number }> = new Map([
  ['second', { ticks: TICKS_PER_SECOND }],
  ['minute', { ticks: 60n * TICKS_PER_SECOND }],
  ['hour', { ticks: 3600n * TICKS_PER_SECOND }],
  ['day', { ticks: TICKS_PER_DAY }],
  ['week', { ticks: 7n * TICKS_PER_DAY }],
  ['month', { months: 1 }],
  ['year', { months: 12 }],
]);

/** A function's timestamp argument. */
export function readMoment(name: string, value: Value | undefined): Moment {
  const text = expectString(name, value, 'its first parameter to be a string that contains the time');
  const moment = parseMoment(text);
  if (moment !== undefined) return moment;
  throw new ExpressionError(
    `In function '${name}', the value provided for date time string '${text}' was not valid. The datetime string must match ISO 8601 format.`,
  );
}

/** Writes a moment by the format argument, if there is one; else in the round-trip format. */
export function writeMoment(
  name: string,
  moment: Moment | undefined,
  format: Value | undefined,
  locale?: string,
): string {
  if (moment === undefined) throw usageError(name, 'gives a date outside the years 1 to 9999.');
  const text = format === undefined || format === null ? 'o' : expectString(name, format, 'its format to be a string');
  const written = formatMoment(moment, text === '' ? 'o' : text, locale);
  if (written !== undefined) return written;
  throw new ExpressionError(
    `In function '${name}', the value provided for date time format '${text}' was not valid. The datetime format must be a valid date and time format string.`,
  );
}

function move(name: string, moment: Moment, count: number, unit: string): Moment | undefined {
  const step = UNITS.get(unit.toLowerCase());
  if (step === undefined) {
    throw usageError(
      name,
      `expects its second parameter to be a string that represents a valid time unit. The provided value '${unit}' is not a valid time unit.`,
      'GetFutureTime',
    );
  }
  return 'months' in step ? addMonths(moment, count * step.months) : addTicks(moment, BigInt(count) * step.ticks);
}

/** `addDays` and its kin: timestamp, count, format. */
function addUnit(name: string, unit: string): Builtin {
  return (args) => {
    expectCount(name, args, 2, 3);
    const moment = readMoment(name, args[0]);
    return writeMoment(name, move(name, moment, expectInteger(name, args[1], 'its second parameter'), unit), args[2]);
  };
}

/** `addToTime` and `subtractFromTime`: timestamp, count, unit, format. */
function addNamedUnit(name: string, sign: 1 | -1): Builtin {
  return (args) => {
    expectCount(name, args, 3, 4);
    const moment = readMoment(name, args[0]);
    const count = sign * expectInteger(name, args[1], 'its second parameter');
    return writeMoment(name, move(name, moment, count, expectString(name, args[2])), args[3]);
  };
}

/** `getFutureTime` and `getPastTime`: count, unit, format. */
function fromNow(name: string, sign: 1 | -1): Builtin {
  return (args, context) => {
    expectCount(name, args, 2, 3);
    const count = sign * expectInteger(name, args[0], 'its first parameter');
    return writeMoment(name, move(name, now(context), count, expectString(name, args[1])), args[2]);
  };
}

function now({ now: clock = () => new Date() }: EvaluationContext): Moment {
  return fromDate(clock());
}

/** `startOfDay` and its kin: timestamp, format. */
function startOf(name: string, start: (moment: Moment) => bigint): Builtin {
  return (args) => {
    expectCount(name, args, 1, 2);
    const moment = readMoment(name, args[0]);
    return writeMoment(name, { ...moment, ticks: start(moment) }, args[1]);
  };
}

/** `dayOfMonth` and its kin. */
function field(name: string, read: (moment: Moment) => number): Builtin {
  return (args) => {
    expectCount(name, args, 1, 1);
    return BigInt(read(readMoment(name, args[0])));
  };
}

function readZone(name: string, value: Value | undefined, context: EvaluationContext): string {
  const id = expectString(name, value, 'its time zone to be a string');
  const zone = findZone(id, context.globalization !== 'invariant');
  if (zone !== undefined) return zone;
  throw new ExpressionError(
    `In the template language function '${name}', the value provided for the time zone id '${id}' was not valid. `,
  );
}

/** The moment in UTC that a text means which is local to a zone unless it says otherwise. */
function inUtc(moment: Moment, zone: string): Moment | undefined {
  return moment.utc ? moment : fromZone(moment, zone);
}

export const dateFunctions: Readonly<Record<string, Builtin>> = {
  addDays: addUnit('addDays', 'day'),
  addHours: addUnit('addHours', 'hour'),
  addMinutes: addUnit('addMinutes', 'minute'),
  addSeconds: addUnit('addSeconds', 'second'),
  addToTime: addNamedUnit('addToTime', 1),
  subtractFromTime: addNamedUnit('subtractFromTime', -1),
  getFutureTime: fromNow('getFutureTime', 1),
  getPastTime: fromNow('getPastTime', -1),
  startOfDay: startOf('startOfDay', ({ ticks }) => ticks - (ticks % TICKS_PER_DAY)),
  startOfHour: startOf('startOfHour', ({ ticks }) => ticks - (ticks % (3600n * TICKS_PER_SECOND))),
  startOfMonth: startOf('startOfMonth', (moment) => {
    const midnight = moment.ticks - (moment.ticks % TICKS_PER_DAY);
    return midnight - BigInt(fieldsOf(moment).day - 1) * TICKS_PER_DAY;
  }),
  dayOfMonth: field('dayOfMonth', (moment) => fieldsOf(moment).day),
  dayOfWeek: field('dayOfWeek', (moment) => fieldsOf(moment).weekday),
  dayOfYear: field('dayOfYear', (moment) => {
    const { year, month, day } = fieldsOf(moment);
    const [then, first] = [new Date(0), new Date(0)];
    then.setUTCFullYear(year, month - 1, day);
    first.setUTCFullYear(year, 0, 0);
    return Math.round((then.getTime() - first.getTime()) / 86_400_000);
  }),
  formatDateTime: (args) => {
    expectCount('formatDateTime', args, 1, 3);
    const moment = readMoment('formatDateTime', args[0]);
    if (args[2] === undefined) return writeMoment('formatDateTime', moment, args[1]);
    const locale = expectString('formatDateTime', args[2], 'its third parameter to be a string');
    try {
      return writeMoment('formatDateTime', moment, args[1], locale);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw usageError('formatDateTime', `expects its third parameter to be a locale, not '${locale}'.`);
    }
  },
  utcNow: (args, context) => {
    expectCount('utcNow', args, 0, 1);
    return writeMoment('utcNow', now(context), args[0]);
  },
  ticks: (args) => {
    expectCount('ticks', args, 1, 1);
    return readMoment('ticks', args[0]).ticks;
  },
  convertFromUtc: (args, context) => {
    expectCount('convertFromUtc', args, 2, 3);
    const moment = readMoment('convertFromUtc', args[0]);
    const local = toZone(moment, readZone('convertFromUtc', args[1], context));
    return writeMoment('convertFromUtc', local, args[2]);
  },
  convertToUtc: (args, context) => {
    expectCount('convertToUtc', args, 2, 3);
    const moment = readMoment('convertToUtc', args[0]);
    return writeMoment('convertToUtc', inUtc(moment, readZone('convertToUtc', args[1], context)), args[2]);
  },
  convertTimeZone: (args, context) => {
    expectCount('convertTimeZone', args, 3, 4);
    const moment = readMoment('convertTimeZone', args[0]);
    const utc = inUtc(moment, readZone('convertTimeZone', args[1], context));
    const zone = readZone('convertTimeZone', args[2], context);
    return writeMoment('convertTimeZone', utc === undefined ? undefined : toZone(utc, zone), args[3]);
  },
};
