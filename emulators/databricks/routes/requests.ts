import type { Context } from 'hono';
import { ApiError } from '../api-error.ts';
import { type JsonObject, readObject } from '../domain/json.ts';

/** The request's JSON body; an empty one is an empty object. */
export async function bodyOf(context: Context): Promise<JsonObject> {
  const text = await context.req.text();
  if (text.trim() === '') return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new ApiError(400, 'MALFORMED_REQUEST', `Invalid JSON given in the body of the request: ${error}`);
  }
  return readObject(parsed, 'The request body');
}

/** The query string as an object of strings. */
export function queryOf(context: Context): JsonObject {
  return context.req.query();
}
