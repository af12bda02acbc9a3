import { addTicks, type Moment } from '../dates/moment.ts';
import { propertyNamed } from '../property.ts';
import { isArray, isObject, type ObjectValue, type Value } from '../value.ts';
import {
  type Builtin,
  expectCount,
  expectInteger,
  expectNumber,
  expectString,
  usageError,
  wrongType,
} from './arguments.ts';
import { readMoment, writeMoment } from './dates.ts';
import { formatNumber } from './format-number.ts';

function expectObject(name: string, value: Value | undefined): ObjectValue {
  if (value !== undefined && isObject(value)) return value;
  throw wrongType(name, 'its first parameter to be an object', value ?? null);
}

/** `[-][d.]hh:mm:ss[.fffffff]`, as .NET writes a time span. */
function timeSpan(ticks: bigint): string {
  const size = ticks < 0n ? -ticks : ticks;
  const two = (value: bigint): string => String(value).padStart(2, '0');
  const days = size / 864_000_000_000n;
  const clock = [(size / 36_000_000_000n) % 24n, (size / 600_000_000n) % 60n, (size / 10_000_000n) % 60n].map(two);
  const fraction = size % 10_000_000n;
  const parts = [ticks < 0n ? '-' : '', days > 0n ? `${days}.` : '', clock.join(':')];
  return parts.join('') + (fraction === 0n ? '' : `.${String(fraction).padStart(7, '0')}`);
}

/** Where a text occurs for the n-th time; negative n counts from the end. */
function nthIndexOf(args: readonly Value[]): bigint {
  expectCount('nthIndexOf', args, 3, 3);
  const text = expectString('nthIndexOf', args[0]).toLowerCase();
  const part = expectString('nthIndexOf', args[1]).toLowerCase();
  const occurrence = expectInteger('nthIndexOf', args[2], 'its third parameter');
  const places: number[] = [];
  for (let at = text.indexOf(part); at !== -1 && part !== ''; at = text.indexOf(part, at + 1)) places.push(at);
  return BigInt((occurrence > 0 ? places[occurrence - 1] : occurrence < 0 ? places.at(occurrence) : undefined) ?? -1);
}

/** What the engine knows from Logic Apps beyond Data Factory's documentation. */
export const extraFunctions: Readonly<Record<string, Builtin>> = {
  addProperty: (args) => {
    expectCount('addProperty', args, 3, 3);
    const object = expectObject('addProperty', args[0]);
    const name = expectString('addProperty', args[1]);
    if (propertyNamed(object, name) !== undefined) {
      throw usageError('addProperty', `expects a property that is not there yet; '${name}' exists already.`);
    }
    return { ...object, [name]: args[2] ?? null };
  },
  setProperty: (args) => {
    expectCount('setProperty', args, 3, 3);
    return { ...expectObject('setProperty', args[0]), [expectString('setProperty', args[1])]: args[2] ?? null };
  },
  chunk: (args) => {
    expectCount('chunk', args, 2, 2);
    const [collection = null] = args;
    const size = expectInteger('chunk', args[1], 'its second parameter');
    if (size < 1) throw usageError('chunk', `expects its second parameter to be at least 1, not '${size}'.`);
    if (!isArray(collection) && typeof collection !== 'string') {
      throw wrongType('chunk', 'its first parameter to be an array or a string', collection);
    }
    const starts = Array.from({ length: Math.ceil(collection.length / size) }, (_, at) => at * size);
    return starts.map((start) => collection.slice(start, start + size));
  },
  slice: (args) => {
    expectCount('slice', args, 2, 3);
    const text = expectString('slice', args[0]);
    const start = expectInteger('slice', args[1], 'its second parameter');
    return text.slice(
      start,
      args[2] === undefined ? undefined : expectInteger('slice', args[2], 'its third parameter'),
    );
  },
  nthIndexOf,
  isFloat: (args) => {
    expectCount('isFloat', args, 1, 2);
    return /^\s*[-+]?(\d[\d,]*\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$/.test(expectString('isFloat', args[0]));
  },
  isInt: (args) => {
    expectCount('isInt', args, 1, 2);
    return /^\s*[-+]?\d+\s*$/.test(expectString('isInt', args[0]));
  },
  formatNumber: (args) => {
    expectCount('formatNumber', args, 2, 3);
    const number = expectNumber('formatNumber', args[0], 'its first parameter');
    const format = expectString('formatNumber', args[1], 'its second parameter to be a string');
    const written = formatNumber(Number(number), format);
    if (written !== undefined) return written;
    throw usageError('formatNumber', `cannot write numbers by the format '${format}' here.`);
  },
  dateDifference: (args) => {
    expectCount('dateDifference', args, 2, 2);
    const [start, end] = [readMoment('dateDifference', args[0]), readMoment('dateDifference', args[1])];
    return timeSpan(end.ticks - start.ticks);
  },
  parseDateTime: (args) => {
    expectCount('parseDateTime', args, 1, 1);
    const moment: Moment | undefined = addTicks(readMoment('parseDateTime', args[0]), 0n);
    return writeMoment('parseDateTime', moment, undefined);
  },
};
