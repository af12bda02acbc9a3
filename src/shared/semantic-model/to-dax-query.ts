import type { Definition, Scalar } from './definition.ts';
import { findColumn } from './find.ts';
import { checkQuery, type MetricFilter, type MetricQuery } from './metric-query.ts';
import { daxColumn, daxComparison, daxDate, daxLiteral, daxMeasure } from './to-dax.ts';

/** The query for executeQueries: EVALUATE SUMMARIZECOLUMNS, ordered by its columns. @throws DefinitionError */
export function toDaxQuery(definition: Definition, query: MetricQuery): string {
  checkQuery(definition, query);
  const columns = query.by.map(daxColumn);
  const measures = query.measures.map((name) => `${daxLiteral(name)}, ${daxMeasure(name)}`);
  const parts = [...columns, ...query.filters.map((filter) => daxFilter(definition, filter)), ...measures];
  const order = columns.length === 0 ? '' : `\nORDER BY ${columns.join(', ')}`;
  return `EVALUATE\nSUMMARIZECOLUMNS(\n  ${parts.join(',\n  ')}\n)${order}`;
}

function daxFilter(definition: Definition, filter: MetricFilter): string {
  const column = daxColumn(filter.column);
  const { type } = findColumn(definition, filter.column);
  const literal = (value: Scalar | null): string =>
    type === 'dateTime' && typeof value === 'string' ? daxDate(value) : daxLiteral(value);
  if ('values' in filter) return `TREATAS({${filter.values.map(literal).join(', ')}}, ${column})`;
  return `FILTER(ALL(${column}), ${column} ${daxComparison(filter.operator)} ${literal(filter.value)})`;
}
