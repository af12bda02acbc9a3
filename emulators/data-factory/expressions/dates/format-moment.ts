import { fieldsOf, type Moment } from './moment.ts';

/** .NET's standard formats in the invariant culture. `o` keeps a `Z` only for a moment in UTC. */
const STANDARD: Readonly<Record<string, string>> = {
  d: 'MM/dd/yyyy',
  D: 'dddd, dd MMMM yyyy',
  f: 'dddd, dd MMMM yyyy HH:mm',
  F: 'dddd, dd MMMM yyyy HH:mm:ss',
  g: 'MM/dd/yyyy HH:mm',
  G: 'MM/dd/yyyy HH:mm:ss',
  m: 'MMMM dd',
  M: 'MMMM dd',
  o: "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK",
  O: "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK",
  r: "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'",
  R: "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'",
  s: "yyyy'-'MM'-'dd'T'HH':'mm':'ss",
  t: 'HH:mm',
  T: 'HH:mm:ss',
  u: "yyyy'-'MM'-'dd HH':'mm':'ss'Z'",
  U: 'dddd, dd MMMM yyyy HH:mm:ss',
  y: 'yyyy MMMM',
  Y: 'yyyy MMMM',
};

const TOKEN = /\\(.)|"([^"]*)"|'([^']*)'|%(?=.)|(y+|M+|d+|H+|h+|m+|s+|t+|f+|F+|z+|K|g+)|([\s\S])/g;
const LONGEST_FRACTION = 7;

/**
 * Formats a moment by a standard (one letter) or custom format of .NET. A locale changes the names of days and months.
 * @returns nothing when the format is none.
 */
export function formatMoment(moment: Moment, format: string, locale?: string): string | undefined {
  const custom = format.length === 1 ? STANDARD[format] : format;
  if (custom === undefined || custom === '') return undefined;
  const fields = fieldsOf(moment);
  const pad = (value: number, length: number): string => String(value).padStart(length, '0');
  const name = (options: Intl.DateTimeFormatOptions): string => {
    const date = new Date(Date.UTC(2000, fields.month - 1, fields.day));
    // 2000-01-02 was a Sunday.
    const shown = options.weekday === undefined ? date : new Date(Date.UTC(2000, 0, 2 + fields.weekday));
    return new Intl.DateTimeFormat(locale ?? 'en-US', { ...options, timeZone: 'UTC' }).format(shown);
  };
  const write = (token: string): string | undefined => {
    const length = token.length;
    switch (token[0]) {
      case 'y':
        return length <= 2 ? pad(fields.year % 100, length) : pad(fields.year, length);
      case 'M':
        if (length === 3) return name({ month: 'short' });
        return length > 3 ? name({ month: 'long' }) : pad(fields.month, length);
      case 'd':
        if (length === 3) return name({ weekday: 'short' });
        return length > 3 ? name({ weekday: 'long' }) : pad(fields.day, length);
      case 'H':
        return pad(fields.hour, Math.min(length, 2));
      case 'h':
        return pad(fields.hour % 12 === 0 ? 12 : fields.hour % 12, Math.min(length, 2));
      case 'm':
        return pad(fields.minute, Math.min(length, 2));
      case 's':
        return pad(fields.second, Math.min(length, 2));
      case 't':
        return (fields.hour < 12 ? 'AM' : 'PM').slice(0, length);
      case 'f':
        return length > LONGEST_FRACTION ? undefined : pad(fields.fraction, LONGEST_FRACTION).slice(0, length);
      case 'F':
        return length > LONGEST_FRACTION
          ? undefined
          : pad(fields.fraction, LONGEST_FRACTION).slice(0, length).replace(/0+$/, '');
      case 'z':
        return ['+0', '+00', '+00:00'][Math.min(length, 3) - 1];
      case 'K':
        return moment.utc ? 'Z' : '';
      default:
        return 'A.D.';
    }
  };
  let result = '';
  for (const [whole, escaped, double, single, token, other] of custom.matchAll(TOKEN)) {
    if (whole === '%') continue;
    if (token === undefined) {
      result += escaped ?? double ?? single ?? other;
      continue;
    }
    const written = write(token);
    if (written === undefined) return undefined;
    // A fraction that is left out takes its point along.
    result = token.startsWith('F') && written === '' ? result.replace(/\.$/, '') : result + written;
  }
  return result;
}
