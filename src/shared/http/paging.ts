import type { HttpRequest } from '@azure/functions';
import { RequestProblem } from './problem.ts';

const LARGEST_LIMIT = 1000;

/** The `limit` of a request: 1 to 1000, 100 when absent. */
export function parseLimit(request: HttpRequest): number {
  const text = request.query.get('limit');
  if (text === null) return 100;
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_LIMIT) {
    throw new RequestProblem(400, `limit must be a whole number from 1 to ${LARGEST_LIMIT}; it is '${text}'.`);
  }
  return limit;
}

/** Where a client goes on: the store's continuation and, for insights, the version that it was reading. */
export interface Cursor {
  readonly continuation: string;
  readonly version?: number;
}

/** An opaque text for a cursor. */
export function encodeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

/** The `cursor` of a request, if it has one. */
export function parseCursor(request: HttpRequest): Cursor | undefined {
  const text = request.query.get('cursor');
  if (text === null) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (typeof value === 'object' && value !== null) {
      const { continuation, version } = value as Record<string, unknown>;
      if (typeof continuation === 'string')
        return typeof version === 'number' ? { continuation, version } : { continuation };
    }
  } catch {
    // falls through: not ours
  }
  throw new RequestProblem(400, 'cursor is not one that this API gave out; leave it away to start from the beginning.');
}

/** Refuses query parameters that the route does not know, so that a misspelt filter is not silently ignored. */
export function refuseUnknownParameters(request: HttpRequest, known: readonly string[]): void {
  const unknown: string[] = [];
  for (const name of request.query.keys())
    if (!known.includes(name) && name !== 'code' && !unknown.includes(name)) unknown.push(name);
  if (unknown.length > 0) {
    throw new RequestProblem(
      400,
      `Unknown query parameter ${unknown.join(', ')}; this route takes ${known.join(', ')}.`,
    );
  }
}

/** A query parameter that must be one of a few words; undefined when absent. */
export function parseChoice<T extends string>(
  request: HttpRequest,
  name: string,
  choices: readonly T[],
): T | undefined {
  const text = request.query.get(name);
  if (text === null) return undefined;
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined)
    throw new RequestProblem(400, `${name} must be one of ${choices.join(', ')}; it is '${text}'.`);
  return choice;
}
