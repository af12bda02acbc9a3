import type { HttpRequest } from '@azure/functions';
import { RequestProblem } from './problem.ts';

const LARGEST_BODY_BYTES = 1024 * 1024;

/** The JSON document that a request brings. @throws RequestProblem 400 when it is none, 413 when it is over 1 MiB */
export async function jsonBody(request: HttpRequest): Promise<unknown> {
  return parseBody(await request.text());
}

/** As `jsonBody`, for a route that can do without one; undefined when the request brings none. */
export async function optionalJsonBody(request: HttpRequest): Promise<unknown> {
  const text = await request.text();
  return text === '' ? undefined : parseBody(text);
}

function parseBody(text: string): unknown {
  if (Buffer.byteLength(text) > LARGEST_BODY_BYTES) throw new RequestProblem(413, 'The body is larger than 1 MiB.');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new RequestProblem(400, `The body is no JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
}
