import type { ObjectValue, Value } from './value.ts';

/** A property by its name; if there is none, by its name in other case. */
export function propertyNamed(object: ObjectValue, name: string): Value | undefined {
  if (Object.hasOwn(object, name)) return object[name];
  const wanted = name.toLowerCase();
  const key = Object.keys(object).find((candidate) => candidate.toLowerCase() === wanted);
  return key === undefined ? undefined : object[key];
}
