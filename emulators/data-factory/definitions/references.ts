import { isJsonObject, type JsonObject, objectField, optionalString } from './json.ts';

/** A reference from one document to another. */
export interface Reference {
  readonly name: string;
  readonly type: string;
  /** Values of the parameters of what is referred to; expressions are not evaluated yet. */
  readonly parameters: JsonObject;
}

/** Reads `{referenceName, type, parameters}`; nothing if the value is none. */
export function readReference(value: unknown): Reference | undefined {
  if (!isJsonObject(value)) return undefined;
  const name = optionalString(value, 'referenceName');
  if (name === undefined) return undefined;
  return { name, type: optionalString(value, 'type') ?? '', parameters: objectField(value, 'parameters') };
}

/** All references within a document, however deep. */
export function referencesIn(document: unknown): Reference[] {
  if (Array.isArray(document)) return document.flatMap(referencesIn);
  if (!isJsonObject(document)) return [];
  const own = typeof document.referenceName === 'string' ? readReference(document) : undefined;
  return [...(own === undefined ? [] : [own]), ...Object.values(document).flatMap(referencesIn)];
}
