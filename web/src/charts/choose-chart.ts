import type { Row } from '../api/types.ts';

/** What the columns of some rows are good for. */
export interface ColumnRoles {
  /** Numbers to be drawn. */
  readonly measures: readonly string[];
  /** Texts and small numbers that tell rows apart. */
  readonly dimensions: readonly string[];
  /** The columns that make a point in time: a date, or year and month. */
  readonly time: readonly string[];
}

const PLACE = /(^|_)(lat|lon)$/;
const DATE = /^\d{4}-\d{2}-\d{2}/;

/** Sorts columns by what they can do in a chart. Key columns tell rows apart, whatever their type. */
export function columnRoles(rows: readonly Row[], key: readonly string[]): ColumnRoles {
  const names = [...new Set(rows.slice(0, 50).flatMap((row) => Object.keys(row)))];
  const kindOf = (name: string): 'number' | 'text' | 'date' | 'other' => {
    const value = rows.find((row) => row[name] !== null && row[name] !== undefined)?.[name];
    if (typeof value === 'number') return 'number';
    if (typeof value !== 'string') return 'other';
    return DATE.test(value) ? 'date' : 'text';
  };
  const dates = names.filter((name) => kindOf(name) === 'date');
  const [date] = dates.toSorted((a, b) => Number(key.includes(b)) - Number(key.includes(a)));
  const yearAndMonth = ['year', 'month'].filter((name) => names.includes(name));
  const time = date === undefined ? (yearAndMonth.length === 2 ? yearAndMonth : []) : [date];
  const ofTime = new Set([...time, 'year', 'month', 'day', 'date_key']);
  return {
    time,
    measures: names.filter(
      (name) => kindOf(name) === 'number' && !key.includes(name) && !ofTime.has(name) && !PLACE.test(name),
    ),
    dimensions: names.filter(
      (name) =>
        !ofTime.has(name) &&
        !PLACE.test(name) &&
        (kindOf(name) === 'text' || (key.includes(name) && kindOf(name) === 'number')),
    ),
  };
}

/** A named value, to be drawn as a bar. */
export interface Bar {
  readonly label: string;
  readonly value: number;
}

/** A named line over points in time. */
export interface Line {
  readonly name: string;
  readonly points: readonly { readonly at: string; readonly value: number }[];
}

export type Chart =
  | { readonly kind: 'bars'; readonly bars: readonly Bar[]; readonly left: number }
  | { readonly kind: 'lines'; readonly lines: readonly Line[]; readonly left: number };

const MOST_BARS = 16;
const MOST_LINES = 6;

/**
 * Draws a measure over time where the rows have one, a line for each value of the key's other columns; else as the largest
 * bars. `left` counts what is not drawn.
 */
export function chooseChart(rows: readonly Row[], key: readonly string[], measure: string): Chart {
  const { time } = columnRoles(rows, key);
  const names = key.filter((name) => !time.includes(name));
  const labelOf = (row: Row): string => names.map((name) => String(row[name])).join(' → ') || measure;
  const drawn = rows.filter((row) => typeof row[measure] === 'number');
  if (time.length > 0 && new Set(drawn.map((row) => timeOf(row, time))).size > 1)
    return toLines(drawn, time, measure, labelOf);
  const bars = drawn
    .map((row) => ({ label: labelOf(row), value: Number(row[measure]) }))
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  return { kind: 'bars', bars: bars.slice(0, MOST_BARS), left: Math.max(0, bars.length - MOST_BARS) };
}

function toLines(rows: readonly Row[], time: readonly string[], measure: string, nameOf: (row: Row) => string): Chart {
  const groups = Map.groupBy(rows, nameOf);
  // The lines with the most points and, among those, the largest rows are what people look for.
  const weight = (of: readonly Row[]): number => of.reduce((sum, row) => sum + Number(row.flights ?? row.rows ?? 1), 0);
  const ordered = [...groups].sort(([, a], [, b]) => weight(b) - weight(a));
  const lines = ordered.slice(0, MOST_LINES).map(([name, of]) => ({
    name,
    points: of
      .map((row) => ({ at: timeOf(row, time), value: Number(row[measure]) }))
      .sort((a, b) => (a.at < b.at ? -1 : 1)),
  }));
  return { kind: 'lines', lines, left: Math.max(0, ordered.length - MOST_LINES) };
}

function timeOf(row: Row, time: readonly string[]): string {
  return time.map((name) => String(row[name]).padStart(2, '0')).join('-');
}
