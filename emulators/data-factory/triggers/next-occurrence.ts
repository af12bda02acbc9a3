import { DefinitionError } from '../definitions/json.ts';
import type { Recurrence } from '../definitions/trigger.ts';
import {
  addMonths,
  addTicks,
  fieldsOf,
  fromDate,
  fromFields,
  type Moment,
  parseMoment,
  TICKS_PER_DAY,
  TICKS_PER_SECOND,
  toDate,
} from '../expressions/dates/moment.ts';
import { findZone, fromZone, toZone } from '../expressions/dates/zones.ts';

const MINUTE = 60n * TICKS_PER_SECOND;
const HOUR = 60n * MINUTE;
const MOST_PERIODS = 4000;

/**
 * The first time after `after` at which a schedule trigger fires; nothing when its end comes before. Periods are counted
 * from the start time in the trigger's zone; `schedule` chooses times within each.
 * @throws DefinitionError when the zone or a time is not known.
 */
export function nextOccurrence(recurrence: Recurrence, after: Date, created: Date): Date | undefined {
  const zone = findZone(recurrence.timeZone, true);
  if (zone === undefined) throw new DefinitionError(`'${recurrence.timeZone}' is no time zone; use a Windows zone id.`);
  const start = localMoment(recurrence.startTime, zone, 'startTime') ?? local(fromDate(created), zone);
  const end = localMoment(recurrence.endTime, zone, 'endTime');
  const wanted = local(fromDate(after), zone);
  let index = firstPeriod(recurrence, start, wanted);
  for (let tries = 0; tries < MOST_PERIODS; tries += 1, index += 1) {
    const period = periodStart(recurrence, start, index);
    if (period === undefined) return undefined;
    for (const candidate of timesWithin(recurrence, start, period)) {
      if (candidate.ticks < start.ticks) continue;
      if (end !== undefined && candidate.ticks > end.ticks) return undefined;
      const utc = fromZone(candidate, zone);
      if (utc !== undefined && toDate(utc).getTime() > after.getTime()) return toDate(utc);
    }
  }
  return undefined;
}

function local(moment: Moment, zone: string): Moment {
  return { ticks: (toZone(moment, zone) ?? moment).ticks, utc: false };
}

function localMoment(text: string | undefined, zone: string, name: string): Moment | undefined {
  if (text === undefined) return undefined;
  const moment = parseMoment(text);
  if (moment === undefined)
    throw new DefinitionError(`'${name}' must be a time such as 2026-01-01T06:00:00Z, not '${text}'.`);
  return moment.utc ? local(moment, zone) : moment;
}

/** A period that begins no later than the wanted time, so that counting from there misses nothing. */
function firstPeriod({ frequency, interval }: Recurrence, start: Moment, wanted: Moment): number {
  if (wanted.ticks <= start.ticks) return 0;
  if (frequency === 'Month') {
    const [a, b] = [fieldsOf(start), fieldsOf(wanted)];
    return Math.max(0, Math.floor(((b.year - a.year) * 12 + b.month - a.month) / interval) - 1);
  }
  const length = lengthOf(frequency) * BigInt(interval);
  return Math.max(0, Number((wanted.ticks - start.ticks) / length) - 1);
}

function lengthOf(frequency: Exclude<Recurrence['frequency'], 'Month'>): bigint {
  return { Minute: MINUTE, Hour: HOUR, Day: TICKS_PER_DAY, Week: 7n * TICKS_PER_DAY }[frequency];
}

function periodStart({ frequency, interval }: Recurrence, start: Moment, index: number): Moment | undefined {
  if (frequency === 'Month') return addMonths(start, index * interval);
  return addTicks(start, lengthOf(frequency) * BigInt(interval) * BigInt(index));
}

/** The times of a period, in order. */
function timesWithin(recurrence: Recurrence, start: Moment, period: Moment): Moment[] {
  const { frequency, weekDays, monthDays, monthlyOccurrences } = recurrence;
  const midnight = period.ticks - (period.ticks % TICKS_PER_DAY);
  const day = (offset: number): Moment => ({ ticks: midnight + BigInt(offset) * TICKS_PER_DAY, utc: false });
  switch (frequency) {
    case 'Minute':
      return [period];
    case 'Hour':
      if (recurrence.minutes.length === 0) return [period];
      return sorted(recurrence.minutes.map((minute) => period.ticks - (period.ticks % HOUR) + BigInt(minute) * MINUTE));
    case 'Day':
      return clockTimes(recurrence, start, [day(0)]);
    case 'Week': {
      if (weekDays.length === 0) return clockTimes(recurrence, start, [day(0)]);
      const sunday = -fieldsOf(period).weekday;
      return clockTimes(
        recurrence,
        start,
        weekDays.map((weekDay) => day(sunday + weekDay)),
      );
    }
    case 'Month': {
      if (monthDays.length === 0 && monthlyOccurrences.length === 0) return clockTimes(recurrence, start, [day(0)]);
      return clockTimes(recurrence, start, daysOfMonth(recurrence, period));
    }
  }
}

function daysOfMonth({ monthDays, monthlyOccurrences }: Recurrence, period: Moment): Moment[] {
  const { year, month } = fieldsOf(period);
  const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const at = (day: number): Moment | undefined =>
    fromFields({ year, month, day, hour: 0, minute: 0, second: 0, fraction: 0 }, false);
  const all = Array.from({ length }, (_, index) => at(index + 1)).filter((moment) => moment !== undefined);
  const byOccurrence = monthlyOccurrences.flatMap(({ day, occurrence }) => {
    const matching = all.filter((moment) => fieldsOf(moment).weekday === day);
    return (occurrence > 0 ? matching[occurrence - 1] : matching.at(occurrence)) ?? [];
  });
  return [...monthDays.flatMap((day) => (day > 0 ? all[day - 1] : all.at(day)) ?? []), ...byOccurrence];
}

/** Each day at the hours and minutes of the schedule; those that it leaves out are the start time's. */
function clockTimes({ hours, minutes }: Recurrence, start: Moment, days: readonly Moment[]): Moment[] {
  const begin = fieldsOf(start);
  const seconds = BigInt(begin.second) * TICKS_PER_SECOND;
  const wantedHours = hours.length > 0 ? hours : [begin.hour];
  const wantedMinutes = minutes.length > 0 ? minutes : [hours.length > 0 ? 0 : begin.minute];
  return sorted(
    days.flatMap(({ ticks }) =>
      wantedHours.flatMap((hour) =>
        wantedMinutes.map((minute) => ticks + BigInt(hour) * HOUR + BigInt(minute) * MINUTE + seconds),
      ),
    ),
  );
}

function sorted(ticks: readonly bigint[]): Moment[] {
  return [...new Set(ticks)].sort((a, b) => (a < b ? -1 : 1)).map((one) => ({ ticks: one, utc: false }));
}
