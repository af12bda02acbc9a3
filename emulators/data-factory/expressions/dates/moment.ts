/** A point in time in ticks of 100 ns since 0001-01-01; `utc` is false when the text named no offset. */
export interface Moment {
  readonly ticks: bigint;
  readonly utc: boolean;
}

/** The fields of a moment. */
export interface DateFields {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Ticks within the second. */
  readonly fraction: number;
  /** Sunday is 0. */
  readonly weekday: number;
}

export const TICKS_PER_SECOND = 10_000_000n;
export const TICKS_PER_DAY = 864_000_000_000n;
const TICKS_PER_MILLISECOND = 10_000n;
const UNIX_EPOCH = 621_355_968_000_000_000n;
const END = 3_155_378_976_000_000_000n;

export function fromDate(date: Date): Moment {
  return { ticks: BigInt(date.getTime()) * TICKS_PER_MILLISECOND + UNIX_EPOCH, utc: true };
}

/** To the millisecond below. */
export function toDate({ ticks }: Moment): Date {
  const sinceEpoch = ticks - UNIX_EPOCH;
  const fraction = ((sinceEpoch % TICKS_PER_MILLISECOND) + TICKS_PER_MILLISECOND) % TICKS_PER_MILLISECOND;
  return new Date(Number((sinceEpoch - fraction) / TICKS_PER_MILLISECOND));
}

export function fieldsOf(moment: Moment): DateFields {
  const date = toDate(moment);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    fraction: Number(moment.ticks % TICKS_PER_SECOND),
    weekday: date.getUTCDay(),
  };
}

/** Builds a moment; nothing when the day or time does not exist. */
export function fromFields(fields: Omit<DateFields, 'weekday'>, utc: boolean): Moment | undefined {
  const { year, month, day, hour, minute, second, fraction } = fields;
  if (year < 1 || year > 9999 || hour > 23 || minute > 59 || second > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  date.setUTCHours(hour, minute, second);
  return { ticks: fromDate(date).ticks + BigInt(fraction), utc };
}

/** Moves by ticks; nothing when that leaves the years 1 to 9999. */
export function addTicks(moment: Moment, ticks: bigint): Moment | undefined {
  const sum = moment.ticks + ticks;
  return sum < 0n || sum >= END ? undefined : { ...moment, ticks: sum };
}

/** Moves by months; a day that the month does not have becomes its last one. */
export function addMonths(moment: Moment, months: number): Moment | undefined {
  const fields = fieldsOf(moment);
  const index = fields.year * 12 + fields.month - 1 + months;
  const [year, month] = [Math.floor(index / 12), (((index % 12) + 12) % 12) + 1];
  const last = new Date(Date.UTC(2000, 0, 1));
  last.setUTCFullYear(year, month, 0);
  return fromFields({ ...fields, year, month, day: Math.min(fields.day, last.getUTCDate()) }, moment.utc);
}

const ISO =
  /^(\d{4})-(\d{1,2})(?:-(\d{1,2}))?(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,}))?)?)?\s*(Z|[-+]\d{2}:?\d{2})?$/i;
const AMERICAN =
  /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?:\s+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,}))?)?\s*(AM|PM)?)?\s*(Z|[-+]\d{2}:\d{2})?$/i;
const COMPACT = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z)?)?$/i;
const RFC =
  /^(?:[A-Za-z]{3},\s+)?(\d{1,2})[\s-]([A-Za-z]{3})[a-z]*[\s-](\d{4})(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?\s*(GMT|Z)?$/i;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/**
 * Reads a date as .NET's invariant culture does in the forms met in pipelines: ISO 8601, month/day/year, compact,
 * RFC 1123. A text with an offset is turned to UTC; one without keeps none.
 */
export function parseMoment(source: string): Moment | undefined {
  const text = source.trim();
  const iso = ISO.exec(text);
  if (iso !== null) {
    const [, year, month, day, hour, minute, second, fraction, offset] = iso;
    return build({ year, month, day: day ?? '1', hour, minute, second, fraction, offset });
  }
  const american = AMERICAN.exec(text);
  if (american !== null) {
    const [, month, day, year, hour, minute, second, fraction, half, offset] = american;
    return build({ year, month, day, hour: twelveHours(hour, half), minute, second, fraction, offset });
  }
  const compact = COMPACT.exec(text);
  if (compact !== null) {
    const [, year, month, day, hour, minute, second, offset] = compact;
    return build({ year, month, day, hour, minute, second, offset });
  }
  const rfc = RFC.exec(text);
  if (rfc === null) return undefined;
  const [, day, name = '', year, hour, minute, second, zone] = rfc;
  const month = String(MONTHS.indexOf(name.toLowerCase()) + 1);
  return build({ year, month, day, hour, minute, second, offset: zone === undefined ? undefined : 'Z' });
}

type DateText = Readonly<Record<string, string | undefined>>;

function build({ year, month, day, hour, minute, second, fraction, offset }: DateText): Moment | undefined {
  const number = (text: string | undefined): number => Number(text ?? 0);
  const moment = fromFields(
    {
      year: number(year),
      month: number(month),
      day: number(day),
      hour: number(hour),
      minute: number(minute),
      second: number(second),
      fraction: Number((fraction ?? '').slice(0, 7).padEnd(7, '0')),
    },
    offset !== undefined,
  );
  if (moment === undefined || offset === undefined || /^z$/i.test(offset)) return moment;
  const minutes = (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2))) * (offset.startsWith('-') ? -1 : 1);
  return addTicks(moment, -BigInt(minutes) * 60n * TICKS_PER_SECOND);
}

function twelveHours(hour: string | undefined, half: string | undefined): string | undefined {
  if (hour === undefined || half === undefined) return hour;
  return String((Number(hour) % 12) + (/^pm$/i.test(half) ? 12 : 0));
}
