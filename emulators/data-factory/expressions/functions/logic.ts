import { ExpressionError } from '../expression-error.ts';
import { areEqual, isNumeric, typeName, type Value } from '../value.ts';
import { type Builtin, expectBoolean, expectCount } from './arguments.ts';

/** The sign of a - b; numbers with numbers, strings with strings by their code units. */
function compare(name: string, args: readonly Value[]): number {
  expectCount(name, args, 2, 2);
  const [a = null, b = null] = args;
  if (isNumeric(a) && isNumeric(b)) return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  if (typeName(a) === typeName(b)) {
    throw new ExpressionError(
      `The template language function '${name}' expects two parameters that are numbers or strings. The function was invoked with values of type '${typeName(a)}'.`,
    );
  }
  throw new ExpressionError(
    `The template language function '${name}' expects two parameter of matching types. The function was invoked with values of type '${typeName(a)}' and '${typeName(b)}' that do not match.`,
  );
}

/** `if`, `and` and `or` are not here: they need unevaluated arguments. */
export const logicFunctions: Readonly<Record<string, Builtin>> = {
  equals: (args) => {
    expectCount('equals', args, 2, 2);
    return areEqual(args[0] ?? null, args[1] ?? null);
  },
  greater: (args) => compare('greater', args) > 0,
  greaterOrEquals: (args) => compare('greaterOrEquals', args) >= 0,
  less: (args) => compare('less', args) < 0,
  lessOrEquals: (args) => compare('lessOrEquals', args) <= 0,
  not: (args) => {
    expectCount('not', args, 1, 1);
    return !expectBoolean('not', args[0] ?? null, 'its parameter');
  },
  coalesce: (args) => {
    expectCount('coalesce', args, 1, Number.POSITIVE_INFINITY);
    return args.find((value) => value !== null) ?? null;
  },
};
