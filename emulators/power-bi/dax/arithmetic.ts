import { DaxError } from './dax-error.ts';
import type { BinaryOperator } from './syntax.ts';

/** A value of a cell; times are texts in ISO 8601. */
export type Value = number | string | boolean | null;

/** An operator on values, with the engine's rules for BLANK: it is zero to `+` and `-`, and spreads through `*` and `/`. */
export function calculate(operator: BinaryOperator, left: Value, right: Value): Value {
  switch (operator) {
    case '+':
      return left === null && right === null ? null : number(left, operator) + number(right, operator);
    case '-':
      return left === null && right === null ? null : number(left, operator) - number(right, operator);
    case '*':
      return left === null || right === null ? null : number(left, operator) * number(right, operator);
    case '/': {
      const divisor = number(right, operator);
      if (left === null) return null;
      // The engine gives infinity, for which JSON has no word.
      if (divisor === 0) throw new DaxError("A division by zero or BLANK: use DIVIDE in place of '/'.");
      return number(left, operator) / divisor;
    }
    case '&&':
      return truth(left) && truth(right);
    case '||':
      return truth(left) || truth(right);
    case '==':
      return left === null || right === null ? left === right : compare(left, right) === 0;
    case '=':
      return compare(left, right) === 0;
    case '<>':
      return compare(left, right) !== 0;
    case '<':
      return compare(left, right) < 0;
    case '<=':
      return compare(left, right) <= 0;
    case '>':
      return compare(left, right) > 0;
    case '>=':
      return compare(left, right) >= 0;
  }
}

/** DIVIDE: the alternate when there is nothing to divide by. */
export function divide(numerator: Value, denominator: Value, alternate: Value): Value {
  const divisor = number(denominator, 'DIVIDE');
  if (divisor === 0) return alternate;
  return numerator === null ? null : number(numerator, 'DIVIDE') / divisor;
}

export function truth(value: Value): boolean {
  if (typeof value === 'string') throw new DaxError(`Cannot convert value '${value}' of type Text to type True/False.`);
  return value !== null && value !== false && value !== 0;
}

/** The order of values: BLANK counts as zero, false or the empty text; texts are compared without case. */
export function compare(left: Value, right: Value): number {
  const [a, b] = [left ?? blankLike(right), right ?? blankLike(left)];
  if (typeof a === 'string' && typeof b === 'string') return order(a.toLowerCase(), b.toLowerCase());
  if (typeof a !== typeof b) {
    throw new DaxError(
      `DAX comparison operations do not support comparing values of type ${name(a)} with values of type ${name(b)}.`,
    );
  }
  return order(a, b);
}

function order<T extends Value>(a: T, b: T): number {
  if (a === b || a === null || b === null) return 0;
  return a < b ? -1 : 1;
}

function blankLike(value: Value): Value {
  if (typeof value === 'string') return '';
  return typeof value === 'boolean' ? false : 0;
}

function number(value: Value, operator: string): number {
  if (value === null) return 0;
  if (typeof value === 'string') {
    throw new DaxError(`Cannot convert value '${value}' of type Text to type Number, for ${operator}.`);
  }
  return Number(value);
}

function name(value: Value): string {
  if (typeof value === 'string') return 'Text';
  return typeof value === 'boolean' ? 'True/False' : 'Number';
}
