import { DaxError, unsupported } from './dax-error.ts';
import { type ColumnOf, type Scope, sameColumn } from './scope.ts';
import { blankOf, checkComparable, sqlValue } from './sql-text.ts';
import type { BinaryOperator, Expression, Scalar } from './syntax.ts';

/** Which values of a column pass. */
export interface ColumnFilter extends ColumnOf {
  /** The condition in SQL on a column given in SQL; never NULL. */
  readonly test: (sql: string) => string;
}

/** A condition on one column, such as `T[c] > 5 && T[c] <> 7`. @throws DaxError for anything else */
export function compilePredicate(scope: Scope, expression: Expression): ColumnFilter {
  switch (expression.kind) {
    case 'binary':
      if (expression.operator === '&&' || expression.operator === '||') {
        const [left, right] = [compilePredicate(scope, expression.left), compilePredicate(scope, expression.right)];
        if (!sameColumn(left, right)) {
          throw unsupported('A condition over several columns in one filter (write one filter a column)');
        }
        const word = expression.operator === '&&' ? 'AND' : 'OR';
        return { ...left, test: (sql) => `(${left.test(sql)} ${word} ${right.test(sql)})` };
      }
      return compare(scope, expression.operator, expression.left, expression.right);
    case 'not': {
      const inner = compilePredicate(scope, expression.operand);
      return { ...inner, test: (sql) => `(NOT ${inner.test(sql)})` };
    }
    case 'in':
      return memberFilter(column(scope, expression.operand), expression.values);
    case 'call':
      if (expression.name === 'ISBLANK' && expression.args[0] !== undefined && expression.args.length === 1) {
        return { ...column(scope, expression.args[0]), test: (sql) => `(${sql} IS NULL)` };
      }
      if (expression.name === 'NOT' && expression.args[0] !== undefined && expression.args.length === 1) {
        return compilePredicate(scope, { kind: 'not', operand: expression.args[0] });
      }
      throw unsupported(`${expression.name} in a condition`);
    default:
      throw unsupported('A condition that is no comparison of a column with a value');
  }
}

/** Membership: unlike `=`, it tells BLANK from zero and the empty text. Texts compare without case, as everywhere. */
export function memberFilter(of: ColumnOf, values: readonly Expression[]): ColumnFilter {
  const literals = values.map(literal);
  for (const value of literals) checkComparable(of.column.type, value);
  const given = literals.filter((value) => value !== null);
  return {
    ...of,
    test(sql) {
      const text = of.column.type === 'string';
      const list = given.map((value) => (text ? `lower(${sqlValue(value)})` : sqlValue(value))).join(', ');
      const inList = `COALESCE(${text ? `lower(${sql})` : sql} IN (${list}), false)`;
      const parts = [
        ...(given.length > 0 ? [inList] : []),
        ...(given.length < literals.length ? [`${sql} IS NULL`] : []),
      ];
      return `(${parts.join(' OR ')})`;
    },
  };
}

const FLIPPED: Readonly<Partial<Record<BinaryOperator, BinaryOperator>>> = {
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

function compare(scope: Scope, operator: BinaryOperator, left: Expression, right: Expression): ColumnFilter {
  if ('+-*/'.includes(operator)) throw new DaxError('A table filter must be a True/False expression.');
  if (left.kind !== 'column') {
    if (right.kind !== 'column') throw unsupported('A condition that is no comparison of a column with a value');
    return compare(scope, FLIPPED[operator] ?? operator, right, left);
  }
  const of = column(scope, left);
  const value = literal(right);
  const { type } = of.column;
  checkComparable(type, value);
  if (operator === '==') return memberFilter(of, [right]);
  const fold = (sql: string): string => (type === 'string' ? `lower(${sql})` : sql);
  const blank = sqlValue(blankOf(type));
  const other = value === null ? blank : sqlValue(value);
  return { ...of, test: (sql) => `(${fold(`COALESCE(${sql}, ${blank})`)} ${operator} ${fold(other)})` };
}

function column(scope: Scope, expression: Expression): ColumnOf {
  if (expression.kind !== 'column') throw unsupported('A condition on anything but a column, written Table[Column],');
  return scope.column(expression.table, expression.column);
}

function literal(expression: Expression): Scalar {
  if (expression.kind !== 'literal') {
    throw unsupported('A comparison with anything but a value, in a filter,');
  }
  return expression.value;
}
