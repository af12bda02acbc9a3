import type { Table } from '../model/model.ts';
import type { AggregateRows } from './aggregate-reader.ts';
import type { Value } from './arithmetic.ts';
import { DaxError, unsupported } from './dax-error.ts';
import type { Evaluation } from './evaluate.ts';
import type { FilterContext } from './filter-context.ts';
import { type ColumnOf, sameColumn } from './scope.ts';
import { quoteName } from './sql-text.ts';
import type { Expression } from './syntax.ts';
import { aggregateQuery, presented } from './table-query.ts';

interface Aggregate {
  /** COUNTROWS takes a table, the others a column. */
  readonly over: 'table' | 'column';
  readonly numeric?: boolean;
  /** Gives NULL where DAX gives BLANK. */
  readonly sql: (column: string) => string;
}

/** The aggregates in DuckDB. Counting nothing gives BLANK and not zero; DISTINCTCOUNT counts BLANK as a value. */
export const AGGREGATES: Readonly<Record<string, Aggregate>> = {
  COUNTROWS: { over: 'table', sql: () => 'NULLIF(COUNT(*), 0)' },
  COUNT: { over: 'column', sql: (column) => `NULLIF(COUNT(${column}), 0)` },
  COUNTA: { over: 'column', sql: (column) => `NULLIF(COUNT(${column}), 0)` },
  COUNTBLANK: { over: 'column', sql: (column) => `NULLIF(COUNT(*) - COUNT(${column}), 0)` },
  DISTINCTCOUNT: {
    over: 'column',
    sql: (column) => `NULLIF(COUNT(DISTINCT ${column}) + COALESCE(MAX(CASE WHEN ${column} IS NULL THEN 1 END), 0), 0)`,
  },
  DISTINCTCOUNTNOBLANK: { over: 'column', sql: (column) => `NULLIF(COUNT(DISTINCT ${column}), 0)` },
  SUM: { over: 'column', numeric: true, sql: (column) => `SUM(${column})` },
  AVERAGE: { over: 'column', numeric: true, sql: (column) => `AVG(${column})` },
  MIN: { over: 'column', sql: (column) => `MIN(${column})` },
  MAX: { over: 'column', sql: (column) => `MAX(${column})` },
};

/** An aggregate's values, by the group columns that reach its table. */
export interface Leaf {
  /** Whether these are all the group columns of the query. */
  readonly complete: boolean;
  value(row: readonly Value[]): Value;
  /** Rows of the axis with a value; only of a complete one. */
  rows(): Iterable<readonly Value[]>;
}

/** Runs an aggregate in a context, once for all rows of the axis. @throws DaxError */
export async function readLeaf(
  { scope, axis, readAggregate }: Evaluation,
  context: FilterContext,
  name: string,
  args: readonly Expression[],
): Promise<Leaf> {
  const aggregate = AGGREGATES[name];
  const [argument, more] = args;
  if (aggregate === undefined || argument === undefined || more !== undefined) {
    throw new DaxError(`The ${name} function takes one argument.`);
  }
  let table: Table;
  let expression: (row: string) => string;
  if (aggregate.over === 'table') {
    if (argument.kind !== 'name') throw unsupported(`${name} of anything but a table`);
    table = scope.table(argument.name);
    expression = () => `CAST(${aggregate.sql('')} AS DOUBLE)`;
  } else {
    if (argument.kind !== 'column')
      throw new DaxError(`The ${name} function only accepts a column reference as an argument.`);
    const of = scope.column(argument.table, argument.column);
    const { type } = of.column;
    if (aggregate.numeric === true && !['int64', 'double', 'decimal'].includes(type)) {
      throw new DaxError(
        `The function ${name} cannot work with values of type ${type === 'string' ? 'String' : type}.`,
      );
    }
    table = of.table;
    expression = (row) => {
      const sql = aggregate.sql(`${row}.${quoteName(of.column.name)}`);
      return name === 'MIN' || name === 'MAX' ? presented(of, sql) : `CAST(${sql} AS DOUBLE)`;
    };
  }
  const query = aggregateQuery(scope, table, context);
  return createLeaf(axis, query.groups, await readAggregate(query, expression(query.row)));
}

function createLeaf(axis: readonly ColumnOf[], groups: readonly ColumnOf[], { rows, place }: AggregateRows): Leaf {
  const places = groups.map((group) => axis.findIndex((one) => sameColumn(one, group)));
  const complete = groups.length === axis.length;
  const values = new Map<string, Value>();
  for (const row of rows) {
    const value = row[place] ?? null;
    if (value !== null) values.set(keyOf(row, groups.length), value);
  }
  return {
    complete,
    value(row) {
      // The context keeps group columns in the order of the axis, so a complete key is a row.
      const key = complete ? keyOf(row, axis.length) : JSON.stringify(places.map((at) => row[at]));
      return values.get(key) ?? null;
    },
    *rows() {
      for (const key of values.keys()) yield JSON.parse(key) as readonly Value[];
    },
  };
}

const keys = new WeakMap<readonly Value[], string>();

/** The first `length` values of a row as one text; remembered, since many aggregates ask for the same rows by the same length. */
function keyOf(row: readonly Value[], length: number): string {
  const known = keys.get(row);
  if (known !== undefined) return known;
  const key = JSON.stringify(row.slice(0, length));
  keys.set(row, key);
  return key;
}
