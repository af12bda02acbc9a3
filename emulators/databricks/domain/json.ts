import { invalidParameter } from '../api-error.ts';

/** A JSON object from outside, of which nothing is known yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The value as an object; `where` names it in the error. */
export function readObject(value: unknown, where: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidParameter(`${where} must be a JSON object.`);
  }
  return value as JsonObject;
}

/** The field as an object, or nothing when absent. */
export function optionalObject(object: JsonObject, key: string): JsonObject | undefined {
  const value = object[key];
  return value === undefined || value === null ? undefined : readObject(value, key);
}

/** The field as a string, or nothing when absent. */
export function optionalString(object: JsonObject, key: string): string | undefined {
  const value = object[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw invalidParameter(`${key} must be a string.`);
  return value;
}

/** The field as a string that must be there and not be empty. */
export function requiredString(object: JsonObject, key: string): string {
  const value = optionalString(object, key);
  if (value === undefined || value === '') throw invalidParameter(`Missing required field: ${key}`);
  return value;
}

/** The field as a whole number, or nothing when absent. Digits in a string count too: Data Factory sends ids so. */
export function optionalInteger(object: JsonObject, key: string): number | undefined {
  const value = object[key];
  if (value === undefined || value === null) return undefined;
  const number = typeof value === 'string' && /^-?\d{1,18}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number)) throw invalidParameter(`${key} must be an integer.`);
  return number;
}

/** The field as a 64-bit id that must be there. */
export function requiredId(object: JsonObject, key: string): number {
  const value = optionalInteger(object, key);
  if (value === undefined) throw invalidParameter(`Missing required field: ${key}`);
  return value;
}

/** The field as true or false, or nothing when absent; query strings spell them out. */
export function optionalBoolean(object: JsonObject, key: string): boolean | undefined {
  const value = object[key];
  if (value === undefined || value === null) return undefined;
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw invalidParameter(`${key} must be true or false.`);
}

/** The field as a list, empty when absent. */
export function readList(object: JsonObject, key: string): readonly unknown[] {
  const value = object[key];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalidParameter(`${key} must be a list.`);
  return value;
}

/** The field as a list of strings, or nothing when absent. */
export function optionalStrings(object: JsonObject, key: string): readonly string[] | undefined {
  if (object[key] === undefined || object[key] === null) return undefined;
  return readList(object, key).map((item) => {
    if (typeof item !== 'string') throw invalidParameter(`${key} must be a list of strings.`);
    return item;
  });
}

/** The field as a map of strings, or nothing when absent. */
export function optionalStringMap(object: JsonObject, key: string): Readonly<Record<string, string>> | undefined {
  const map = optionalObject(object, key);
  if (map === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(map).map(([name, value]) => {
      if (typeof value !== 'string') throw invalidParameter(`${key}.${name} must be a string.`);
      return [name, value];
    }),
  );
}
