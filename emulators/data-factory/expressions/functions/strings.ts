import { randomUUID } from 'node:crypto';
import type { EvaluationContext } from '../context.ts';
import { ExpressionError } from '../expression-error.ts';
import type { Value } from '../value.ts';
import { type Builtin, expectCount, expectInteger, expectString, usageError, wrongType } from './arguments.ts';
import { textOf } from './text-of.ts';

const FIRST = 'its first parameter to be of type string';
const SECOND = 'its second parameter to be of type string';

/** Without cultures only ASCII letters have cases, as in the engine's invariant mode. */
function changeCase(text: string, change: (part: string) => string, { globalization }: EvaluationContext): string {
  return globalization === 'invariant' ? text.replace(/[A-Za-z]+/g, change) : change(text);
}

/** Both strings of a comparison that ignores case, folded letter by letter so that positions stay. */
function foldedPair(name: string, args: readonly Value[], context: EvaluationContext): readonly [string, string] {
  expectCount(name, args, 2, 2);
  const anchor = name.toLowerCase();
  const fold = (text: string): string =>
    text.replace(/\p{L}/gu, (letter) => {
      const upper = changeCase(letter, (part) => part.toUpperCase(), context);
      return upper.length === letter.length ? upper : letter;
    });
  return [fold(expectString(name, args[0], FIRST, anchor)), fold(expectString(name, args[1], SECOND, anchor))];
}

/** `guid()` and its formats N, D, B, P of .NET. */
function guid(args: readonly Value[]): string {
  expectCount('guid', args, 0, 1, 'can be invoked with no parameters or with an optional format parameter');
  const value = randomUUID();
  const format = args.length === 0 ? 'D' : expectString('guid', args[0]);
  switch (format.toUpperCase()) {
    case 'D':
    case '':
      return value;
    case 'N':
      return value.replaceAll('-', '');
    case 'B':
      return `{${value}}`;
    case 'P':
      return `(${value})`;
    default:
      throw usageError('guid', `expects its format to be one of 'N', 'D', 'B' and 'P', not '${format}'.`);
  }
}

function substring(args: readonly Value[]): string {
  expectCount('substring', args, 2, 3);
  const text = expectString('substring', args[0], "its first parameter 'string' to be a string");
  const start = expectInteger('substring', args[1], "its second parameter 'startIndex'");
  if (start < 0 || start > text.length) {
    throw usageError(
      'substring',
      `parameters are out of range: 'start index' must be a non-negative integer and its values must be within bounds for string of length '${text.length}'.`,
    );
  }
  if (args.length < 3) return text.slice(start);
  const length = expectInteger('substring', args[2], "its third parameter 'length'");
  if (length < 0 || start + length > text.length) {
    throw usageError(
      'substring',
      `parameters are out of range: 'start index' and 'length' must be non-negative integers and their sum must be no larger than the length of the string. The values are: '${start}', '${length}', '${text.length}'.`,
    );
  }
  return text.slice(start, start + length);
}

export const stringFunctions: Readonly<Record<string, Builtin>> = {
  concat: (args) => {
    if (args.length === 0) {
      throw usageError(
        'concat',
        'expects a comma separated list of string and integer parameters. The function was invoked with no parameters.',
      );
    }
    return args.map(textOf).join('');
  },
  endsWith: (args, context) => {
    const [text, end] = foldedPair('endsWith', args, context);
    return text.endsWith(end);
  },
  startsWith: (args, context) => {
    const [text, start] = foldedPair('startsWith', args, context);
    return text.startsWith(start);
  },
  indexOf: (args, context) => {
    const [text, part] = foldedPair('indexOf', args, context);
    return BigInt(text.indexOf(part));
  },
  lastIndexOf: (args, context) => {
    const [text, part] = foldedPair('lastIndexOf', args, context);
    return BigInt(text.lastIndexOf(part));
  },
  guid,
  replace: (args) => {
    expectCount('replace', args, 3, 3);
    const text = expectString('replace', args[0], FIRST);
    const old = expectString('replace', args[1], SECOND);
    const replacement = expectString('replace', args[2], 'its third parameter to be of type string');
    if (old === '') throw new ExpressionError("String cannot be of zero length. (Parameter 'oldValue')");
    return text.replaceAll(old, () => replacement);
  },
  split: (args) => {
    expectCount('split', args, 2, 2);
    const text = expectString('split', args[0], FIRST);
    const separator = expectString('split', args[1], SECOND);
    return separator === '' ? [text] : text.split(separator);
  },
  substring,
  toLower: (args, context) => {
    expectCount('toLower', args, 1, 1);
    return changeCase(expectString('toLower', args[0]), (part) => part.toLowerCase(), context);
  },
  toUpper: (args, context) => {
    expectCount('toUpper', args, 1, 1);
    return changeCase(expectString('toUpper', args[0]), (part) => part.toUpperCase(), context);
  },
  trim: (args) => {
    expectCount('trim', args, 1, 1);
    if (typeof args[0] !== 'string') throw wrongType('trim', 'its parameter to be a string', args[0] ?? null);
    return args[0].trim();
  },
};
