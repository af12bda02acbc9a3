import type { EvaluationContext } from '../context.ts';
import { ExpressionError } from '../expression-error.ts';
import { isArray, isNumeric, typeName, type Value } from '../value.ts';

/** A function of the language: evaluated arguments in, value out; throws ExpressionError. */
export type Builtin = (args: readonly Value[], context: EvaluationContext) => Value;

/** The error of a function that is called wrongly, with the link that the engine adds. */
export function usageError(name: string, problem: string, anchor = name): ExpressionError {
  return new ExpressionError(
    `The template language function '${name}' ${problem} Please see https://aka.ms/logicexpressions#${anchor} for usage details.`,
  );
}

export function expectCount(
  name: string,
  args: readonly Value[],
  least: number,
  most: number,
  expected?: string,
): void {
  if (args.length >= least && args.length <= most) return;
  const range =
    least === most ? `${least}` : most === Number.POSITIVE_INFINITY ? `at least ${least}` : `${least} to ${most}`;
  throw usageError(
    name,
    `${expected ?? `expects ${range} parameter(s)`}. The function was invoked with '${args.length}' parameter(s).`,
  );
}

export function wrongType(name: string, expected: string, value: Value, anchor = name): ExpressionError {
  return usageError(name, `expects ${expected}. The provided value is of type '${typeName(value)}'.`, anchor);
}

export function expectBoolean(name: string, value: Value, what: string): boolean {
  if (typeof value === 'boolean') return value;
  throw wrongType(name, `${what} to be of type boolean`, value);
}

/** The argument as a string; `what` completes the engine's sentence "expects … to be …". */
export function expectString(
  name: string,
  value: Value | undefined,
  what = 'its parameter to be a string',
  anchor = name,
): string {
  if (typeof value === 'string') return value;
  throw wrongType(name, what, value ?? null, anchor);
}

export function expectInteger(name: string, value: Value | undefined, what: string): number {
  if (typeof value === 'bigint') return Number(value);
  throw wrongType(name, `${what} to be an integer`, value ?? null);
}

export function expectNumber(name: string, value: Value | undefined, what: string): bigint | number {
  if (value !== undefined && isNumeric(value)) return value;
  throw wrongType(name, `${what} to be an integer, a float or a decimal number`, value ?? null);
}

export function expectArray(name: string, value: Value | undefined, what: string): readonly Value[] {
  if (value !== undefined && isArray(value)) return value;
  throw wrongType(name, `${what} to be an array`, value ?? null);
}
