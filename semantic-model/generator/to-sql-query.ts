import {
  type ColumnReference,
  type Definition,
  DefinitionError,
  type Scalar,
} from '../../src/shared/semantic-model/definition.ts';
import {
  factTable,
  findColumn,
  findMeasure,
  findTable,
  formatReference,
} from '../../src/shared/semantic-model/find.ts';
import { checkQuery, type MetricFilter, type MetricQuery } from '../../src/shared/semantic-model/metric-query.ts';
import { FACT, factSource, measureSql, quotient, sqlComparison, sqlLiteral, sqlName, toSql } from './to-sql.ts';

/**
 * The same question as `toDaxQuery` asks, in SQL for the warehouse; its columns are named as the rows of executeQueries,
 * `Table[Column]` and `[Measure]`. Rows without a value in any measure are left out, as SUMMARIZECOLUMNS does. @throws DefinitionError
 */
export function toSqlQuery(definition: Definition, query: MetricQuery): string {
  checkQuery(definition, query);
  const shares = query.measures.filter((name) => findMeasure(definition, name).formula.kind === 'share');
  const keys = query.by.map((_, index) => `k${index + 1}`);
  const parts = query.measures.map((name, index) => {
    const { formula } = findMeasure(definition, name);
    const expression = formula.kind === 'share' ? measureSql(definition, formula.measure) : toSql(definition, formula);
    return `${expression} AS m${index + 1}`;
  });
  const steps = [`base AS (\n${grouped(definition, query.by, keys, query.filters, parts)}\n)`];
  const joins: string[] = [];
  const outputs = query.measures.map((_, index) => `b.m${index + 1}`);
  shares.forEach((name, index) => {
    const { formula } = findMeasure(definition, name);
    if (formula.kind !== 'share') return;
    const total = `total${index + 1}`;
    const outside = (column: ColumnReference): boolean => column.table !== formula.across;
    const kept = keys.filter((_, at) => query.by[at] !== undefined && outside(query.by[at]));
    const whole = [`${measureSql(definition, formula.measure)} AS whole`];
    const filters = query.filters.filter(({ column }) => outside(column));
    steps.push(`${total} AS (\n${grouped(definition, query.by.filter(outside), kept, filters, whole)}\n)`);
    const on = kept.map((key) => `(b.${key} = ${total}.${key} OR (b.${key} IS NULL AND ${total}.${key} IS NULL))`);
    joins.push(`LEFT JOIN ${total} ON ${on.length === 0 ? '1 = 1' : on.join(' AND ')}`);
    const at = query.measures.indexOf(name);
    outputs[at] = quotient(`b.m${at + 1}`, `${total}.whole`);
  });
  const selected = [
    ...query.by.map((column, index) => `b.${keys[index]} AS ${sqlName(formatReference(column))}`),
    ...outputs.map((output, index) => `${output} AS ${sqlName(`[${query.measures[index]}]`)}`),
  ];
  const given = outputs.map((_, index) => `b.m${index + 1} IS NOT NULL`);
  return [
    `WITH ${steps.join(',\n')}`,
    `SELECT\n  ${selected.join(',\n  ')}`,
    'FROM base b',
    ...joins,
    `WHERE ${given.join(' OR ')}`,
  ].join('\n');
}

function grouped(
  definition: Definition,
  by: readonly ColumnReference[],
  keys: readonly string[],
  filters: readonly MetricFilter[],
  expressions: readonly string[],
): string {
  const aliases = new Map<string, string>([[factTable(definition).name, FACT]]);
  const joins: string[] = [];
  for (const { table } of [...by, ...filters.map(({ column }) => column)]) {
    if (aliases.has(table)) continue;
    const alias = `d${aliases.size}`;
    aliases.set(table, alias);
    joins.push(join(definition, table, alias));
  }
  const column = (reference: ColumnReference): string =>
    `${aliases.get(reference.table)}.${sqlName(findColumn(definition, reference).source)}`;
  const columns = by.map(column);
  const conditions = filters.map((filter) => condition(definition, filter, column(filter.column)));
  return [
    `SELECT ${[...columns.map((one, index) => `${one} AS ${keys[index]}`), ...expressions].join(', ')}`,
    `FROM ${factSource(definition)}`,
    ...joins,
    ...(conditions.length === 0 ? [] : [`WHERE ${conditions.join(' AND ')}`]),
    ...(columns.length === 0 ? [] : [`GROUP BY ${columns.join(', ')}`]),
  ].join('\n');
}

/** A LEFT JOIN: facts whose key no dimension has belong to the blank member. */
function join(definition: Definition, table: string, alias: string): string {
  const fact = factTable(definition).name;
  const relationship = definition.relationships.find((one) => one.from.table === fact && one.to.table === table);
  if (relationship === undefined) throw new DefinitionError(table, `has no relationship with ${fact}`);
  const { source } = findTable(definition, table);
  const from = `${FACT}.${sqlName(findColumn(definition, relationship.from).source)}`;
  const to = `${alias}.${sqlName(findColumn(definition, relationship.to).source)}`;
  return `LEFT JOIN ${definition.source.schema}.${source} ${alias} ON ${from} = ${to}`;
}

function condition(definition: Definition, filter: MetricFilter, column: string): string {
  const { type } = findColumn(definition, filter.column);
  if ('operator' in filter) return sqlComparison(column, type, filter.operator, filter.value);
  const values = filter.values.filter((one): one is Scalar => one !== null);
  const either = [
    ...(values.length === 0 ? [] : [`${column} IN (${values.map(sqlLiteral).join(', ')})`]),
    ...(values.length === filter.values.length ? [] : [`${column} IS NULL`]),
  ];
  return `(${either.join(' OR ')})`;
}
