import type { Condition, Definition, Formula, Operator, Scalar } from '../../src/shared/semantic-model/definition.ts';
import { factTable, findColumn, findMeasure } from '../../src/shared/semantic-model/find.ts';

const COMPARISONS: Readonly<Record<Operator, string>> = { is: '=', above: '>', below: '<', from: '>=', to: '<=' };

/** The alias of the fact table in every query. */
export const FACT = 'f';

/**
 * A measure as an expression over grouped rows of the fact table, under the alias `f`; for T-SQL, and as good in DuckDB.
 * Nothing to aggregate gives NULL, as DAX gives BLANK. A share divides by `total`, the same over a wider group.
 */
export function toSql(definition: Definition, formula: Formula, total?: (measure: string) => string): string {
  switch (formula.kind) {
    case 'count':
      if (formula.where.length === 0) return 'NULLIF(COUNT(*), 0)';
      return `NULLIF(COUNT(CASE WHEN ${conditions(definition, formula.where)} THEN 1 END), 0)`;
    case 'distinct':
      return `NULLIF(COUNT(DISTINCT ${value(definition, formula)}), 0)`;
    case 'sum':
      return `SUM(CAST(${value(definition, formula)} AS BIGINT))`;
    case 'average':
      return `AVG(${value(definition, formula)} * 1e0)`; // an average of integers would be an integer
    case 'ratio':
      return quotient(measureSql(definition, formula.numerator), measureSql(definition, formula.denominator));
    case 'share':
      if (total === undefined) throw new Error('A share needs the total that it divides by.');
      return quotient(measureSql(definition, formula.measure), total(formula.measure));
  }
}

/** A measure that is no share, by name. */
export function measureSql(definition: Definition, name: string): string {
  return toSql(definition, findMeasure(definition, name).formula);
}

/** Division as DAX's DIVIDE does it: NULL when there is nothing to divide by. */
export function quotient(numerator: string, denominator: string): string {
  return `CASE WHEN COALESCE(${denominator}, 0) <> 0 THEN ${numerator} * 1e0 / ${denominator} END`;
}

/** A comparison as DAX makes it, where a blank counts as zero, as the empty text, or as the first of all days. */
export function sqlComparison(column: string, type: string, operator: Operator, value: Scalar): string {
  const [blank, blankPasses] = blankOf(type, operator, value);
  const comparison = `${column} ${COMPARISONS[operator]} ${sqlLiteral(value)}`;
  return blankPasses
    ? `COALESCE(${column}, ${sqlLiteral(blank)}) ${COMPARISONS[operator]} ${sqlLiteral(value)}`
    : comparison;
}

function blankOf(type: string, operator: Operator, value: Scalar): readonly [Scalar, boolean] {
  const blank = { string: '', boolean: false, dateTime: '1899-12-30' }[type] ?? 0;
  const passes = {
    is: blank === value,
    above: blank > value,
    below: blank < value,
    from: blank >= value,
    to: blank <= value,
  };
  return [blank, passes[operator]];
}

export function sqlLiteral(value: Scalar): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return typeof value === 'number' ? String(value) : `'${value.replaceAll("'", "''")}'`;
}

export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function value(definition: Definition, formula: Extract<Formula, { readonly column: unknown }>): string {
  const column = `${FACT}.${sqlName(findColumn(definition, formula.column).source)}`;
  if (formula.where.length === 0) return column;
  return `CASE WHEN ${conditions(definition, formula.where)} THEN ${column} END`;
}

function conditions(definition: Definition, where: readonly Condition[]): string {
  return where
    .map((one) => {
      const { source, type } = findColumn(definition, one.column);
      return sqlComparison(`${FACT}.${sqlName(source)}`, type, one.operator, one.value);
    })
    .join(' AND ');
}

/** The fact table with its schema. */
export function factSource(definition: Definition): string {
  return `${definition.source.schema}.${factTable(definition).source} ${FACT}`;
}
