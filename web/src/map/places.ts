import type { Row } from '../api/types.ts';

/** A place of a row: `prefix` of its columns, such as `dest` of `dest_lat` and `dest_lon`. */
export interface Place {
  readonly name: string;
  readonly lon: number;
  readonly lat: number;
}

/** A way between two places of one row. */
export interface Route {
  readonly from: Place;
  readonly to: Place;
  readonly row: Row;
}

/** The prefixes of the columns that come as latitude and longitude. */
export function placeColumns(rows: readonly Row[]): readonly string[] {
  const names = Object.keys(rows[0] ?? {});
  return names
    .filter((name) => name.endsWith('_lat') && names.includes(`${name.slice(0, -4)}_lon`))
    .map((name) => name.slice(0, -4));
}

/** The routes of rows with two places; a row without coordinates has none. */
export function routesOf(rows: readonly Row[]): readonly Route[] {
  // What a route begins at is named first, whatever the order of the columns.
  const [from, to] = placeColumns(rows).toSorted(
    (a, b) => Number(/^(orig|from|start)/.test(b)) - Number(/^(orig|from|start)/.test(a)),
  );
  if (from === undefined || to === undefined) return [];
  return rows.flatMap((row) => {
    const [start, end] = [placeOf(row, from), placeOf(row, to)];
    return start === undefined || end === undefined ? [] : [{ from: start, to: end, row }];
  });
}

function placeOf(row: Row, prefix: string): Place | undefined {
  const [lat, lon] = [row[`${prefix}_lat`], row[`${prefix}_lon`]];
  if (typeof lat !== 'number' || typeof lon !== 'number') return undefined;
  return { name: String(row[prefix] ?? prefix), lat, lon };
}
