/** A value of the expression language. Integers (64 bits) are bigints, floats are numbers, so that `1` and `1.0` stay apart. */
export type Value = null | boolean | string | bigint | number | readonly Value[] | ObjectValue;

/** An object; its keys keep their order. */
export interface ObjectValue {
  readonly [key: string]: Value;
}

/** The engine's name for a value's type, as its messages spell it. */
export function typeName(value: Value): string {
  if (value === null) return 'Null';
  if (Array.isArray(value)) return 'Array';
  switch (typeof value) {
    case 'boolean':
      return 'Boolean';
    case 'string':
      return 'String';
    case 'bigint':
      return 'Integer';
    case 'number':
      return 'Float';
    default:
      return 'Object';
  }
}

export function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isObject(value: Value): value is ObjectValue {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isNumeric(value: Value): value is bigint | number {
  return typeof value === 'bigint' || typeof value === 'number';
}

/** Turns what JSON.parse or a program gives into a value: whole numbers become integers. */
export function toValue(plain: unknown): Value {
  if (plain === null || plain === undefined) return null;
  if (Array.isArray(plain)) return plain.map(toValue);
  switch (typeof plain) {
    case 'boolean':
    case 'string':
    case 'bigint':
      return plain;
    case 'number':
      return Number.isSafeInteger(plain) ? BigInt(plain) : plain;
    case 'object':
      return Object.fromEntries(
        Object.entries(plain)
          .filter(([, item]) => item !== undefined)
          .map(([key, item]) => [key, toValue(item)]),
      );
    default:
      throw new TypeError(`a ${typeof plain} is no value of the expression language`);
  }
}

/** Turns a value into plain JSON data. Integers beyond 2^53 lose digits, as in any JavaScript program. */
export function toPlain(value: Value): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (isArray(value)) return value.map(toPlain);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toPlain(item)]));
  return value;
}

/** Equality as `equals` has it: 1 and 1.0 are equal, 'a' and 'A' are not, collections are compared deeply. */
export function areEqual(a: Value, b: Value): boolean {
  if (isNumeric(a) && isNumeric(b)) return typeof a === typeof b ? a === b : Number(a) === Number(b);
  if (isArray(a) && isArray(b)) return a.length === b.length && a.every((item, at) => areEqual(item, b[at] ?? null));
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && areEqual(a[key] ?? null, b[key] ?? null))
    );
  }
  return a === b;
}
