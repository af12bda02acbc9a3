import type { Datasets } from '../contracts/load-datasets.ts';
import { isRecord } from '../errors.ts';
import { RequestProblem } from '../http/problem.ts';
import type { BackfillRequest } from './backfill.ts';
import { parseBackfillRequest } from './parse-backfill-request.ts';

/** What was previewed: the wish, and a hash of what it came to. */
export interface Token {
  readonly request: BackfillRequest;
  readonly hash: string;
}

/** A token as text. It is no secret and gives no right: whoever starts by it may have asked for the same. */
export function encodeToken({ request: { selection, ...rest }, hash }: Token): string {
  return Buffer.from(JSON.stringify({ body: { ...selection, ...rest }, hash })).toString('base64url');
}

/** Reads a token. @throws RequestProblem 400 when it is none, 404 when its dataset is gone */
export function decodeToken(token: string, datasets: Datasets): Token {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    // falls through: not ours
  }
  if (!isRecord(value) || typeof value.hash !== 'string' || !/^[\da-f]{64}$/.test(value.hash))
    throw new RequestProblem(400, 'token is none that POST /api/backfill/preview gave out.');
  return { request: parseBackfillRequest(value.body, datasets, new Date()), hash: value.hash };
}
