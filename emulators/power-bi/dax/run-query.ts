import type { Model, Table } from '../model/model.ts';
import { createAggregateReader } from './aggregate-reader.ts';
import { compare, type Value } from './arithmetic.ts';
import { DaxError, unsupported } from './dax-error.ts';
import { type Evaluated, evaluate } from './evaluate.ts';
import { type FilterContext, readFilter } from './filter-context.ts';
import { parseQuery } from './parse.ts';
import { type ColumnOf, Scope, sameColumn } from './scope.ts';
import type { Expression, OrderKey } from './syntax.ts';
import { membersSql, type RunSql } from './table-query.ts';

/** The answer: `Table[Column]` and `[Name]` for columns. */
export interface ResultTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Value[])[];
}

/** Rows of a cross join that are worth building; beyond them the service would be out of memory too. */
const MOST_CROSS_JOINED = 2_000_000;

/** Answers a DAX query on a model whose tables `run` reads. @throws DaxError */
export async function runQuery(model: Model, dax: string, run: RunSql): Promise<ResultTable> {
  const query = parseQuery(dax);
  const scope = new Scope(model, query.measures);
  const table = await evaluateTable(scope, query.table, run);
  if (query.orderBy.length === 0) return table;
  return { ...table, rows: [...table.rows].sort(byKeys(scope, table, query.orderBy)) };
}

function evaluateTable(scope: Scope, expression: Expression, run: RunSql): Promise<ResultTable> {
  if (expression.kind === 'call' && expression.name === 'SUMMARIZECOLUMNS') {
    return summarizeColumns(scope, expression.args, run);
  }
  if (expression.kind === 'call' && expression.name === 'TOPN') return topN(scope, expression.args, run);
  throw unsupported('EVALUATE of anything but SUMMARIZECOLUMNS and TOPN');
}

async function summarizeColumns(scope: Scope, args: readonly Expression[], run: RunSql): Promise<ResultTable> {
  const { axis, context, named } = readArguments(scope, args);
  const evaluation = { scope, axis, readAggregate: createAggregateReader(run) };
  const evaluated = await Promise.all(named.map(({ expression }) => evaluate(evaluation, context, expression)));
  const tables = [...new Set(axis.map(({ table }) => table))];
  const members = await Promise.all(tables.map((table) => readMembers(scope, table, axis, context, run)));
  const sparse = named.length > 0 && evaluated.every((one) => one.sparse);
  const rows: Value[][] = [];
  for (const row of sparse ? candidates(evaluated, members) : crossJoin(axis, members)) {
    const values = evaluated.map((one) => one.value(row));
    if (named.length === 0 || values.some((value) => value !== null)) rows.push([...row, ...values]);
  }
  return {
    columns: [
      ...axis.map(({ table, column }) => `${table.name}[${column.name}]`),
      ...named.map(({ name }) => `[${name}]`),
    ],
    rows,
  };
}

interface SummaryArguments {
  readonly axis: readonly ColumnOf[];
  readonly context: FilterContext;
  readonly named: readonly { readonly name: string; readonly expression: Expression }[];
}

/** Group columns, then filters, then names with their expressions. */
function readArguments(scope: Scope, args: readonly Expression[]): SummaryArguments {
  let index = 0;
  const axis: ColumnOf[] = [];
  for (let one = args[index]; one?.kind === 'column'; one = args[++index]) {
    const column = scope.column(one.table, one.column);
    if (axis.some((other) => sameColumn(other, column))) {
      throw new DaxError(
        `Function SUMMARIZECOLUMNS group-by column '${one.table}'[${one.column}] may be specified only once.`,
      );
    }
    axis.push(column);
  }
  const filters = [];
  for (let one = args[index]; one !== undefined && !isText(one); one = args[++index]) {
    if (one.kind !== 'call')
      throw new DaxError('Function SUMMARIZECOLUMNS expects a column, a filter table or a name as argument.');
    filters.push(readFilter(scope, one).filter);
  }
  const named: { name: string; expression: Expression }[] = [];
  for (; index < args.length; index += 2) {
    const [name, expression] = [args[index], args[index + 1]];
    if (name === undefined || !isText(name) || expression === undefined) {
      throw new DaxError('Function SUMMARIZECOLUMNS expects a name and an expression after its filters.');
    }
    if (named.some((other) => other.name.toLowerCase() === name.value.toLowerCase())) {
      throw new DaxError(`Function SUMMARIZECOLUMNS: the name '${name.value}' stands twice.`);
    }
    named.push({ name: name.value, expression });
  }
  return { axis, context: { groups: axis, filters }, named };
}

/** What exists of one table's group columns: their places in the axis, and the combinations. */
interface Members {
  readonly places: readonly number[];
  readonly rows: readonly (readonly Value[])[];
  readonly keys: ReadonlySet<string>;
}

async function readMembers(
  scope: Scope,
  table: Table,
  axis: readonly ColumnOf[],
  context: FilterContext,
  run: RunSql,
): Promise<Members> {
  const places = axis.flatMap((one, place) => (one.table === table ? [place] : []));
  const rows = await run(
    membersSql(
      scope,
      table,
      axis.filter((one) => one.table === table),
      context,
    ),
  );
  return { places, rows, keys: new Set(rows.map((row) => JSON.stringify(row))) };
}

/** Rows that an aggregate has a value for, as far as they are on the axis. */
function* candidates(evaluated: readonly Evaluated[], members: readonly Members[]): Iterable<readonly Value[]> {
  const seen = new Set<string>();
  for (const leaf of new Set(evaluated.flatMap(({ leaves }) => leaves))) {
    for (const row of leaf.rows()) {
      const key = JSON.stringify(row);
      if (seen.has(key)) continue;
      seen.add(key);
      if (members.every(({ places, keys }) => keys.has(JSON.stringify(places.map((place) => row[place]))))) yield row;
    }
  }
}

function* crossJoin(axis: readonly ColumnOf[], members: readonly Members[]): Iterable<readonly Value[]> {
  const size = members.reduce((product, { rows }) => product * rows.length, 1);
  if (size > MOST_CROSS_JOINED) {
    throw new DaxError(
      `The query would build ${size} rows, since an expression has a value where no fact is; group by fewer columns or filter them.`,
    );
  }
  const row: Value[] = axis.map(() => null);
  const fill = function* (index: number): Iterable<readonly Value[]> {
    const member = members[index];
    if (member === undefined) {
      yield [...row];
      return;
    }
    for (const values of member.rows) {
      member.places.forEach((place, at) => {
        row[place] = values[at] ?? null;
      });
      yield* fill(index + 1);
    }
  };
  yield* fill(0);
}

/** The first rows by an order, and all that tie with the last of them. */
async function topN(scope: Scope, args: readonly Expression[], run: RunSql): Promise<ResultTable> {
  const [count, inner, ...order] = args;
  if (count?.kind !== 'literal' || typeof count.value !== 'number' || inner === undefined) {
    throw new DaxError('The TOPN function takes a number, a table and what to order by.');
  }
  const keys: OrderKey[] = [];
  for (const one of order) {
    const direction = readDirection(one);
    const last = keys.pop();
    if (direction === undefined)
      keys.push(...(last === undefined ? [] : [last]), { expression: one, descending: true });
    else if (last === undefined) throw new DaxError('The TOPN function needs an expression before ASC or DESC.');
    else keys.push({ ...last, descending: direction === 'DESC' });
  }
  const table = await evaluateTable(scope, inner, run);
  const most = Math.max(0, Math.trunc(count.value));
  if (keys.length === 0 || most === 0) return { ...table, rows: table.rows.slice(0, most) };
  const compareRows = byKeys(scope, table, keys);
  const rows = [...table.rows].sort(compareRows);
  const last = rows[most - 1];
  return { ...table, rows: last === undefined ? rows : rows.filter((row) => compareRows(row, last) <= 0) };
}

function readDirection(expression: Expression): 'ASC' | 'DESC' | undefined {
  if (expression.kind === 'name' && /^(asc|desc)$/i.test(expression.name)) {
    return expression.name.toUpperCase() === 'ASC' ? 'ASC' : 'DESC';
  }
  if (expression.kind !== 'literal') return undefined;
  return expression.value === 1 || expression.value === true ? 'ASC' : 'DESC';
}

/** Compares rows by columns of the table; BLANK comes first going up. */
function byKeys(
  scope: Scope,
  table: ResultTable,
  keys: readonly OrderKey[],
): (a: readonly Value[], b: readonly Value[]) => number {
  const places = keys.map(({ expression, descending }) => {
    const name = columnName(scope, expression);
    const place = table.columns.findIndex((column) => column.toLowerCase() === name.toLowerCase());
    if (place < 0) throw unsupported(`Ordering by ${name}, which is no column of the result,`);
    return { place, sign: descending ? -1 : 1 };
  });
  return (a, b) => {
    for (const { place, sign } of places) {
      const [left, right] = [a[place] ?? null, b[place] ?? null];
      const order =
        left === null || right === null ? Number(right === null) - Number(left === null) : compare(left, right);
      if (order !== 0) return order * sign;
    }
    return 0;
  };
}

function columnName(scope: Scope, expression: Expression): string {
  if (expression.kind === 'bracket') return `[${expression.name}]`;
  if (expression.kind === 'column') {
    const { table, column } = scope.column(expression.table, expression.column);
    return `${table.name}[${column.name}]`;
  }
  throw unsupported('Ordering by anything but a column of the result');
}

function isText(expression: Expression): expression is { readonly kind: 'literal'; readonly value: string } {
  return expression.kind === 'literal' && typeof expression.value === 'string';
}
