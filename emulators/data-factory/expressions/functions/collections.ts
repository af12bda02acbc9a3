import { ExpressionError } from '../expression-error.ts';
import { propertyNamed } from '../property.ts';
import { areEqual, isArray, isObject, typeName, type Value } from '../value.ts';
import { type Builtin, expectArray, expectCount, expectInteger, usageError, wrongType } from './arguments.ts';
import { textOf } from './text-of.ts';

function contains(args: readonly Value[]): boolean {
  expectCount('contains', args, 2, 2);
  const [collection = null, sought = null] = args;
  if (isArray(collection))
    return collection.some((item) => typeName(item) === typeName(sought) && areEqual(item, sought));
  if (isObject(collection)) return propertyNamed(collection, textOf(sought)) !== undefined;
  if (typeof collection === 'string') return collection.includes(textOf(sought));
  throw new ExpressionError(
    `The template language function 'contains' expects its first argument 'collection' to be a dictionary (object), an array or a string. The provided value is of type '${typeName(collection)}'.`,
  );
}

/** `first` and `last`; of an empty array null, of an empty string an empty one. */
function endOf(name: 'first' | 'last'): Builtin {
  return (args) => {
    expectCount(name, args, 1, 1);
    const [value = null] = args;
    const at = name === 'first' ? 0 : -1;
    if (isArray(value)) return value.at(at) ?? null;
    if (typeof value === 'string') return value.at(at) ?? '';
    throw wrongType(name, 'its parameter be an array or a string', value);
  };
}

/** `skip` and `take` of an array or a string. */
function part(name: 'skip' | 'take'): Builtin {
  return (args) => {
    expectCount(name, args, 2, 2);
    const [collection = null] = args;
    if (!isArray(collection) && typeof collection !== 'string') {
      throw wrongType(name, 'its first parameter to be an array or a string', collection);
    }
    const count = expectInteger(name, args[1], 'its second parameter');
    if (count < 0) throw usageError(name, `expects its second parameter to be at least 0, not '${count}'.`);
    return name === 'skip' ? collection.slice(count) : collection.slice(0, count);
  };
}

/** `union` and `intersection` of arrays, or of objects (the later one's values count). */
function combine(name: 'union' | 'intersection'): Builtin {
  return (args) => {
    expectCount(name, args, 1, Number.POSITIVE_INFINITY);
    if (args.every(isArray)) {
      const items = name === 'union' ? args.flat() : (args[0] ?? []);
      return items.filter((item, at) => {
        const everywhere = name === 'union' || args.every((array) => array.some((other) => areEqual(item, other)));
        return everywhere && items.findIndex((other) => areEqual(item, other)) === at;
      });
    }
    if (args.every(isObject)) {
      const merged: Record<string, Value> = Object.assign({}, ...args);
      if (name === 'union') return merged;
      return Object.fromEntries(
        Object.entries(merged).filter(([key, value]) =>
          args.every((object) => Object.hasOwn(object, key) && areEqual(object[key] ?? null, value)),
        ),
      );
    }
    const odd = args.find((value) => !isArray(value) && !isObject(value)) ?? args.at(-1) ?? null;
    throw wrongType(name, 'its parameters to be either all arrays or all objects', odd);
  };
}

export const collectionFunctions: Readonly<Record<string, Builtin>> = {
  contains,
  first: endOf('first'),
  last: endOf('last'),
  skip: part('skip'),
  take: part('take'),
  union: combine('union'),
  intersection: combine('intersection'),
  empty: (args) => {
    expectCount('empty', args, 1, 1);
    const [value = null] = args;
    if (value === null) return true;
    if (isArray(value) || typeof value === 'string') return value.length === 0;
    if (isObject(value)) return Object.keys(value).length === 0;
    throw wrongType('empty', 'its parameter to be an object, an array or a string', value);
  },
  join: (args) => {
    expectCount('join', args, 2, 2);
    const items = expectArray('join', args[0], 'its first parameter');
    const [, separator] = args;
    if (typeof separator !== 'string')
      throw wrongType('join', 'its second parameter to be a string', separator ?? null);
    return items.map(textOf).join(separator);
  },
  length: (args) => {
    expectCount('length', args, 1, 1);
    const [value = null] = args;
    if (isArray(value) || typeof value === 'string') return BigInt(value.length);
    throw wrongType('length', 'its parameter to be an array or a string', value);
  },
};
