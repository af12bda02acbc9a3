import { randomInt } from 'node:crypto';
import { ExpressionError } from '../expression-error.ts';
import { isArray, isNumeric, type Value } from '../value.ts';
import { type Builtin, expectCount, expectInteger, expectNumber, usageError, wrongType } from './arguments.ts';

const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n - 1n;
const LONGEST_RANGE = 100_000;

/** Two integers give an integer (64 bits, or an error), any float gives a float. */
function arithmetic(
  name: string,
  integers: (a: bigint, b: bigint) => bigint,
  floats: (a: number, b: number) => number,
): Builtin {
  return (args) => {
    expectCount(name, args, 2, 2);
    const a = expectNumber(name, args[0], 'its first parameter');
    const b = expectNumber(name, args[1], 'its second parameter');
    if ((name === 'div' || name === 'mod') && Number(b) === 0) {
      throw new ExpressionError(`Attempt to divide an integral or decimal value by zero in function '${name}'.`);
    }
    if (typeof a !== 'bigint' || typeof b !== 'bigint') return floats(Number(a), Number(b));
    const result = integers(a, b);
    if (result >= LEAST && result <= MOST) return result;
    throw new ExpressionError(
      `The provided parameters for template language function '${name}' caused arithmetic overflow.`,
    );
  };
}

/** `min` and `max` of their parameters or of one array. */
function extreme(name: 'min' | 'max'): Builtin {
  return (args) => {
    const [only] = args;
    const numbers = args.length === 1 && only !== undefined && isArray(only) ? only : args;
    if (numbers.length === 0) throw usageError(name, 'expects at least one number.');
    return numbers.reduce<Value>((best, value) => {
      if (!isNumeric(value)) throw wrongType(name, 'its parameters to be integers, floats or decimal numbers', value);
      if (!isNumeric(best)) return value;
      return (name === 'max' ? value > best : value < best) ? value : best;
    }, null);
  };
}

export const numberFunctions: Readonly<Record<string, Builtin>> = {
  add: arithmetic(
    'add',
    (a, b) => a + b,
    (a, b) => a + b,
  ),
  sub: arithmetic(
    'sub',
    (a, b) => a - b,
    (a, b) => a - b,
  ),
  mul: arithmetic(
    'mul',
    (a, b) => a * b,
    (a, b) => a * b,
  ),
  div: arithmetic(
    'div',
    (a, b) => a / b,
    (a, b) => a / b,
  ),
  mod: arithmetic(
    'mod',
    (a, b) => a % b,
    (a, b) => a % b,
  ),
  min: extreme('min'),
  max: extreme('max'),
  rand: (args) => {
    expectCount('rand', args, 2, 2);
    const least = expectInteger('rand', args[0], 'its first parameter');
    const end = expectInteger('rand', args[1], 'its second parameter');
    if (least >= end) throw usageError('rand', `expects its first parameter to be less than its second one.`);
    return BigInt(randomInt(least, end));
  },
  range: (args) => {
    expectCount('range', args, 2, 2);
    const start = expectInteger('range', args[0], 'its first parameter');
    const count = expectInteger('range', args[1], 'its second parameter');
    if (count < 0 || count > LONGEST_RANGE) {
      throw usageError('range', `expects its second parameter to be from 0 to ${LONGEST_RANGE}, not '${count}'.`);
    }
    return Array.from({ length: count }, (_, at) => BigInt(start + at));
  },
};
