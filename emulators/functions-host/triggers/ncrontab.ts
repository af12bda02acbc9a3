/**
 * NCRONTAB: `second minute hour day month day-of-week`, where day and day of week must both match.
 * Source: atifaziz/NCrontab, "Crontab Expression"; azure-webjobs-sdk-extensions, `Timers/Scheduling/CronSchedule.cs`.
 */
export interface NcronSchedule {
  next(after: number): number | undefined;
}

interface Field {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly names: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const secondField: Field = { name: 'second', low: 0, high: 59, names: [] };
const minuteField: Field = { name: 'minute', low: 0, high: 59, names: [] };
const hourField: Field = { name: 'hour', low: 0, high: 23, names: [] };
const dayField: Field = { name: 'day', low: 1, high: 31, names: [] };
const monthField: Field = { name: 'month', low: 1, high: 12, names: months };
const weekdayField: Field = { name: 'day of week', low: 0, high: 6, names: days };

function parseNumber(text: string, field: Field): number {
  const named = text.length >= 3 ? field.names.findIndex((name) => text.toLowerCase().startsWith(name)) : -1;
  const value = named >= 0 ? named + field.low : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= field.low && value <= field.high)) {
    throw new RangeError(`"${text}" is no ${field.name}: give ${field.low} to ${field.high}`);
  }
  return value;
}

function parseField(text: string, field: Field): boolean[] {
  const allowed = new Array<boolean>(field.high + 1).fill(false);
  for (const part of text.split(',')) {
    const [range = '', stepText, ...more] = part.split('/');
    const step = stepText === undefined ? 1 : Number(stepText);
    if (more.length > 0 || !Number.isInteger(step) || step < 1) {
      throw new RangeError(`"${part}" has no valid step`);
    }
    const [from = '', to, ...rest] = range.split('-');
    if (rest.length > 0) {
      throw new RangeError(`"${range}" is no range`);
    }
    const low = from === '*' ? field.low : parseNumber(from, field);
    const open = from === '*' || (to === undefined && stepText !== undefined);
    const high = open ? field.high : to === undefined ? low : parseNumber(to, field);
    for (let value = Math.min(low, high); value <= Math.max(low, high); value += step) {
      allowed[value] = true;
    }
  }
  return allowed;
}

/** The first allowed value from `from` on; undefined when there is none. */
function firstFrom(allowed: readonly boolean[], from: number): number | undefined {
  const found = allowed.indexOf(true, from);
  return found < 0 ? undefined : found;
}

/** How far ahead a date is looked for: 29 February on a given weekday comes within 40 years. */
const horizonDays = 366 * 41;

/** @throws RangeError that says which field is wrong. */
export function parseNcrontab(expression: string): NcronSchedule {
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== 5 && fields.length !== 6) {
    throw new RangeError(
      `the schedule "${expression}" must have 6 fields (or 5 without seconds), and has ${fields.length}`,
    );
  }
  const [second = '0', minute = '', hour = '', day = '', month = '', weekday = ''] =
    fields.length === 5 ? ['0', ...fields] : fields;
  const parse = (text: string, field: Field) => {
    try {
      return parseField(text, field);
    } catch (error) {
      throw new RangeError(`the schedule "${expression}" is wrong: ${(error as Error).message}`, { cause: error });
    }
  };
  const seconds = parse(second, secondField);
  const minutes = parse(minute, minuteField);
  const hours = parse(hour, hourField);
  const monthDays = parse(day, dayField);
  const monthNumbers = parse(month, monthField);
  const weekdays = parse(weekday, weekdayField);

  /** The first time of day at or after the given one, as hour, minute, second. */
  const timeFrom = (h: number, m: number, s: number): [number, number, number] | undefined => {
    for (let hh = firstFrom(hours, h); hh !== undefined; hh = firstFrom(hours, hh + 1)) {
      const minuteStart = hh === h ? m : 0;
      for (let mm = firstFrom(minutes, minuteStart); mm !== undefined; mm = firstFrom(minutes, mm + 1)) {
        const ss = firstFrom(seconds, hh === h && mm === m ? s : 0);
        if (ss !== undefined) {
          return [hh, mm, ss];
        }
      }
    }
    return undefined;
  };

  return {
    next(after) {
      const start = new Date(Math.floor(after / 1000) * 1000 + 1000);
      for (let ahead = 0; ahead < horizonDays; ahead++) {
        const date = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate() + ahead));
        const matches =
          monthNumbers[date.getUTCMonth() + 1] && monthDays[date.getUTCDate()] && weekdays[date.getUTCDay()];
        if (matches) {
          const time =
            ahead === 0
              ? timeFrom(start.getUTCHours(), start.getUTCMinutes(), start.getUTCSeconds())
              : timeFrom(0, 0, 0);
          if (time !== undefined) {
            return date.setUTCHours(...time, 0);
          }
        }
      }
      return undefined;
    },
  };
}
