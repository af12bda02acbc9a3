/** A JSON object from outside, of which nothing is known yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A definition that cannot be used; the message names the place and what was expected. */
export class DefinitionError extends Error {
  override readonly name = 'DefinitionError';
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as an object; `where` names it in the error. */
export function readObject(value: unknown, where: string): JsonObject {
  if (!isJsonObject(value)) throw new DefinitionError(`${where} must be a JSON object.`);
  return value;
}

/** The field as an object, empty when absent. */
export function objectField(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return value === undefined || value === null ? {} : readObject(value, `'${key}'`);
}

/** The field as a list, empty when absent. */
export function listField(object: JsonObject, key: string): readonly unknown[] {
  const value = object[key];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new DefinitionError(`'${key}' must be a list.`);
  return value;
}

/** The field as a string, or nothing when absent. */
export function optionalString(object: JsonObject, key: string): string | undefined {
  const value = object[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  throw new DefinitionError(`'${key}' must be a string.`);
}

/** The field as a string that must be there and not be empty. */
export function requiredString(object: JsonObject, key: string, where: string): string {
  const value = optionalString(object, key);
  if (value === undefined || value === '')
    throw new DefinitionError(`Required property '${key}' is missing in ${where}.`);
  return value;
}

/** The field as a number, or nothing when absent; digits in a string count, as in Data Factory. */
export function optionalNumber(object: JsonObject, key: string): number | undefined {
  const value = object[key];
  if (value === undefined || value === null || value === '') return undefined;
  const number = typeof value === 'number' ? value : Number(value);
  if (typeof value === 'object' || typeof value === 'boolean' || Number.isNaN(number)) {
    throw new DefinitionError(`'${key}' must be a number.`);
  }
  return number;
}

/** The field as true or false, or nothing when absent. */
export function optionalBoolean(object: JsonObject, key: string): boolean | undefined {
  const value = object[key];
  if (value === undefined || value === null || value === '') return undefined;
  if (value === true || /^true$/i.test(String(value))) return true;
  if (value === false || /^false$/i.test(String(value))) return false;
  throw new DefinitionError(`'${key}' must be true or false.`);
}
