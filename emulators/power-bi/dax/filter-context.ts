import { DaxError, unsupported } from './dax-error.ts';
import { type ColumnFilter, compilePredicate, memberFilter } from './predicate.ts';
import { type ColumnOf, type Scope, sameColumn } from './scope.ts';
import type { Expression } from './syntax.ts';

/** What restricts an aggregate: filters, and the values of those group columns that still count. */
export interface FilterContext {
  readonly groups: readonly ColumnOf[];
  readonly filters: readonly ColumnFilter[];
}

/** A filter argument and whether it takes the place of others on its column. */
export interface FilterArgument {
  readonly filter: ColumnFilter;
  readonly replaces: boolean;
}

/**
 * The context inside CALCULATE: removals first, then each filter in the place of those on its column, unless KEEPFILTERS.
 * A filter on the key of the marked date table takes all other filters from that table.
 */
export function applyModifiers(scope: Scope, context: FilterContext, modifiers: readonly Expression[]): FilterContext {
  let result = context;
  const removals = modifiers.map((one) => readRemoval(scope, one));
  for (const removes of removals) if (removes !== undefined) result = without(result, removes);
  const filters = modifiers.flatMap((one, index) => (removals[index] === undefined ? [readFilter(scope, one)] : []));
  for (const { filter, replaces } of filters) {
    if (!replaces) continue;
    const { table, column } = filter;
    result = without(
      result,
      table.dateKey === column.name ? (one) => one.table === table : (one) => sameColumn(one, filter),
    );
  }
  return { ...result, filters: [...result.filters, ...filters.map(({ filter }) => filter)] };
}

function without(context: FilterContext, removes: (one: ColumnOf) => boolean): FilterContext {
  return {
    groups: context.groups.filter((one) => !removes(one)),
    filters: context.filters.filter((one) => !removes(one)),
  };
}

/** REMOVEFILTERS and ALL; undefined for a modifier that filters. */
function readRemoval(scope: Scope, expression: Expression): ((one: ColumnOf) => boolean) | undefined {
  if (expression.kind !== 'call' || !['REMOVEFILTERS', 'ALL'].includes(expression.name)) return undefined;
  if (expression.args.length === 0) return () => true;
  const removes = expression.args.map((one): ((of: ColumnOf) => boolean) => {
    if (one.kind === 'column') {
      const column = scope.column(one.table, one.column);
      return (of) => sameColumn(of, column);
    }
    if (one.kind !== 'name') throw new DaxError(`${expression.name} takes tables and columns.`);
    const tables = scope.expanded(scope.table(one.name));
    return ({ table }) => tables.includes(table);
  });
  return (of) => removes.some((one) => one(of));
}

/** A filter argument of CALCULATE or SUMMARIZECOLUMNS. @throws DaxError for what is none */
export function readFilter(scope: Scope, expression: Expression): FilterArgument {
  if (expression.kind !== 'call' || expression.name === 'NOT' || expression.name === 'ISBLANK') {
    return { filter: compilePredicate(scope, expression), replaces: true };
  }
  const [first, second, more] = expression.args;
  switch (expression.name) {
    case 'KEEPFILTERS': {
      if (first === undefined || second !== undefined) throw new DaxError('KEEPFILTERS takes one argument.');
      return { ...readFilter(scope, first), replaces: false };
    }
    case 'TREATAS': {
      if (first?.kind !== 'set' || second?.kind !== 'column' || more !== undefined) {
        throw unsupported('TREATAS of anything but a list of values and one column');
      }
      return { filter: memberFilter(scope.column(second.table, second.column), first.values), replaces: true };
    }
    case 'FILTER': {
      if (first?.kind !== 'call' || !['ALL', 'VALUES', 'DISTINCT'].includes(first.name) || second === undefined) {
        throw unsupported('FILTER over anything but ALL(column) or VALUES(column)');
      }
      const [of, further] = first.args;
      if (of?.kind !== 'column' || further !== undefined) throw unsupported(`${first.name} of anything but one column`);
      const filter = compilePredicate(scope, second);
      if (!sameColumn(filter, scope.column(of.table, of.column))) {
        throw unsupported('FILTER by another column than the one it goes over');
      }
      return { filter, replaces: first.name === 'ALL' };
    }
    default:
      throw unsupported(`${expression.name} as a filter`);
  }
}
