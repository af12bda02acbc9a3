import type { ColumnReference, Condition, Definition, Formula, Operator, Scalar } from './definition.ts';
import { factTable } from './find.ts';

const COMPARISONS: Readonly<Record<Operator, string>> = { is: '=', above: '>', below: '<', from: '>=', to: '<=' };

/** Words that are functions or keywords of DAX, so that a table of that name needs quotes. */
const RESERVED = new Set([
  'date',
  'month',
  'year',
  'day',
  'filter',
  'values',
  'all',
  'var',
  'return',
  'order',
  'measure',
]);

/** The DAX expression of a measure. Conditions keep the reader's own filters, so that they only ever narrow. */
export function toDax(definition: Definition, formula: Formula): string {
  switch (formula.kind) {
    case 'count':
      return calculate(`COUNTROWS(${daxTable(factTable(definition).name)})`, formula.where);
    case 'sum':
      return calculate(`SUM(${daxColumn(formula.column)})`, formula.where);
    case 'average':
      return calculate(`AVERAGE(${daxColumn(formula.column)})`, formula.where);
    case 'distinct':
      return calculate(`DISTINCTCOUNTNOBLANK(${daxColumn(formula.column)})`, formula.where);
    case 'ratio':
      return `DIVIDE(${daxMeasure(formula.numerator)}, ${daxMeasure(formula.denominator)})`;
    case 'share': {
      const part = daxMeasure(formula.measure);
      return `DIVIDE(${part}, CALCULATE(${part}, REMOVEFILTERS(${daxTable(formula.across)})))`;
    }
  }
}

function calculate(expression: string, where: readonly Condition[]): string {
  if (where.length === 0) return expression;
  return `CALCULATE(${[expression, ...where.map((one) => `KEEPFILTERS(${daxCondition(one)})`)].join(', ')})`;
}

function daxCondition({ column, operator, value }: Condition): string {
  return `${daxColumn(column)} ${daxComparison(operator)} ${daxLiteral(value)}`;
}

/** The operator of DAX. */
export function daxComparison(operator: Operator): string {
  return COMPARISONS[operator];
}

/** A table's name, in quotes unless it is a plain word. */
export function daxTable(name: string): string {
  const plain = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !RESERVED.has(name.toLowerCase());
  return plain ? name : `'${name.replaceAll("'", "''")}'`;
}

export function daxColumn({ table, column }: ColumnReference): string {
  return `${daxTable(table)}[${column.replaceAll(']', ']]')}]`;
}

export function daxMeasure(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`;
}

/** A literal; null is BLANK(). Days are texts here: see daxDate. */
export function daxLiteral(value: Scalar | null): string {
  if (value === null) return 'BLANK()';
  if (typeof value === 'boolean') return value ? 'TRUE()' : 'FALSE()';
  return typeof value === 'number' ? String(value) : `"${value.replaceAll('"', '""')}"`;
}

/** A day, given as yyyy-mm-dd. */
export function daxDate(day: string): string {
  const [year, month, date] = day.split('-').map(Number);
  return `DATE(${year}, ${month}, ${date})`;
}
