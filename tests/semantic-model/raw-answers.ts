import { DuckDBInstance } from '@duckdb/node-api';
import { formatReference, type MetricFilter, type MetricQuery } from '../../semantic-model/index.ts';
import type { Cell, Row } from './start-model.ts';
import { RAW_VIEWS } from './start-warehouse.ts';

/** What each visible column of the model is in the raw files; written by hand, apart from the definition. */
export const RAW_COLUMNS: Readonly<Record<string, string>> = {
  'Date[Date]': "strftime(f.day_of_flight, '%Y-%m-%dT%H:%M:%S')",
  'Date[Year]': 'f.year',
  'Date[Quarter]': '((f.month - 1) // 3) + 1',
  'Date[Month]': 'monthname(f.day_of_flight)',
  'Date[Day of Month]': 'f.day',
  'Date[Weekday]': 'dayname(f.day_of_flight)',
  'Date[Weekend]': 'isodow(f.day_of_flight) >= 6',
  'Carrier[Carrier Code]': 'c.carrier',
  'Carrier[Carrier]': 'c.name',
  'Origin[Origin Code]': 'o.faa',
  'Origin[Origin Airport]': 'o.name',
  'Origin[Origin Time Zone]': 'o.tzone',
  'Destination[Destination Code]': 'd.faa',
  'Destination[Destination Airport]': 'd.name',
  'Destination[Destination Time Zone]': 'd.tzone',
  'Destination[Latitude]': 'd.lat::DOUBLE',
  'Destination[Longitude]': 'd.lon::DOUBLE',
  'Plane[Tail Number]': 'p.tailnum',
  'Plane[Year Built]': 'p.year',
  'Plane[Plane Type]': 'p.type',
  'Plane[Manufacturer]': 'p.manufacturer',
  'Plane[Model]': 'p.model',
  'Plane[Engines]': 'p.engines',
  'Plane[Seats]': 'p.seats',
  'Plane[Engine]': 'p.engine',
  'Flights[Status]': "CASE WHEN f.cancelled THEN 'cancelled' WHEN f.diverted THEN 'diverted' ELSE 'operated' END",
};

/** What each measure is over the raw files; written by hand too. Nothing to count is no answer, and no zero. */
export const RAW_MEASURES: Readonly<Record<string, string>> = {
  Flights: 'count(*)',
  Completed: 'nullif(count(*) FILTER (arr_delay IS NOT NULL), 0)',
  Cancelled: 'nullif(count(*) FILTER (dep_time IS NULL), 0)',
  'Cancellation Rate': 'nullif(count(*) FILTER (dep_time IS NULL), 0) / count(*)',
  Diverted: 'nullif(count(*) FILTER (dep_time IS NOT NULL AND arr_delay IS NULL), 0)',
  'Average Departure Delay': 'avg(dep_delay)',
  'Average Arrival Delay': 'avg(arr_delay)',
  'Late Flights': 'nullif(count(*) FILTER (arr_delay > 15), 0)',
  'Late Share': 'nullif(count(*) FILTER (arr_delay > 15), 0) / nullif(count(arr_delay), 0)',
  'Predicted Late Risk': 'avg(risk)',
  Aircraft: 'nullif(count(DISTINCT tailnum), 0)',
  'Distance Flown': 'sum(distance) FILTER (arr_delay IS NOT NULL)',
  'Share of Carriers': 'count(*) / any_value(total)',
};

/** Bare queries on the raw files. */
export interface RawFiles {
  answer(query: MetricQuery): Promise<readonly Row[]>;
  /** All values of a column that flights have. */
  values(column: string): Promise<readonly Cell[]>;
  close(): void;
}

/** Reads the raw files into one wide table, so that each answer is one plain GROUP BY. */
export async function openRawFiles(): Promise<RawFiles> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  for (const view of RAW_VIEWS) await connection.run(view);
  const columns = Object.entries(RAW_COLUMNS).map(([name, sql]) => `${sql} AS "${name}"`);
  await connection.run(
    `CREATE TABLE wide AS SELECT f.dep_time, f.arr_delay, f.dep_delay, f.risk, f.tailnum, f.distance, ${columns.join(', ')}
     FROM raw_flights f
     LEFT JOIN raw_airlines c ON c.carrier = f.carrier
     LEFT JOIN raw_airports o ON o.faa = f.origin
     LEFT JOIN raw_airports d ON d.faa = f.dest
     LEFT JOIN raw_planes p ON p.tailnum = f.tailnum`,
  );
  const rows = async (sql: string): Promise<readonly Row[]> =>
    (await connection.runAndReadAll(sql)).getRowObjectsJS().map((row) => {
      const cells = Object.entries(row).map(([name, value]) => [
        name,
        typeof value === 'bigint' ? Number(value) : value,
      ]);
      return Object.fromEntries(cells) as Row;
    });
  const known = new Map<string, readonly Cell[]>();
  return {
    answer: (query) => rows(rawSql(query)),
    async values(column) {
      const found =
        known.get(column) ??
        (await rows(`SELECT DISTINCT "${column}" AS value FROM wide ORDER BY value`)).map((row) => row.value ?? null);
      known.set(column, found);
      return found;
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

function rawSql({ measures, by, filters }: MetricQuery): string {
  const keys = by.map((column) => `"${formatReference(column)}"`);
  const isCarrier = (name: string): boolean => name.includes('Carrier[');
  const otherKeys = keys.filter((key) => !isCarrier(key));
  const condition = (parts: readonly MetricFilter[]): string => parts.map(rawCondition).join(' AND ') || 'true';
  const carrierFilters = filters.filter(({ column }) => column.table === 'Carrier');
  const otherFilters = filters.filter(({ column }) => column.table !== 'Carrier');
  // The total of all carriers stands beside each flight before the carriers are filtered.
  const total = `count(*) OVER (${otherKeys.length === 0 ? '' : `PARTITION BY ${otherKeys.join(', ')}`})`;
  const outputs = measures.map((name) => `${RAW_MEASURES[name]} AS "[${name}]"`);
  const given = measures.map((name) => `"[${name}]" IS NOT NULL`).join(' OR ');
  return `SELECT * FROM (
    SELECT ${[...keys, ...outputs].join(', ')}
    FROM (SELECT *, ${total} AS total FROM wide WHERE ${condition(otherFilters)})
    WHERE ${condition(carrierFilters)}
    ${keys.length === 0 ? 'HAVING count(*) > 0' : `GROUP BY ${keys.join(', ')}`}
  ) WHERE ${given}`;
}

function rawCondition(filter: MetricFilter): string {
  const name = formatReference(filter.column);
  const literal = (value: Cell): string => {
    if (typeof value !== 'string') return String(value);
    return `'${(name === 'Date[Date]' ? `${value}T00:00:00` : value).replaceAll("'", "''")}'`;
  };
  if ('values' in filter) {
    const either = filter.values.map((value) => `"${name}" IS NOT DISTINCT FROM ${literal(value)}`);
    return `(${either.join(' OR ')})`;
  }
  const operator = { is: '=', above: '>', below: '<', from: '>=', to: '<=' }[filter.operator];
  // To DAX a blank is less than 1: it counts as zero.
  const value = typeof filter.value === 'number' ? `coalesce("${name}", 0)` : `"${name}"`;
  return `${value} ${operator} ${literal(filter.value)}`;
}
