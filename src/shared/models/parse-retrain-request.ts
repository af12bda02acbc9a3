import type { HttpRequest } from '@azure/functions';
import { isRecord } from '../errors.ts';
import { optionalJsonBody } from '../http/json-body.ts';
import { RequestProblem } from '../http/problem.ts';

/** What may be said about a retraining. A request without a body says nothing. @throws RequestProblem 400 */
export async function parseRetrainRequest(request: HttpRequest): Promise<{ readonly force: boolean }> {
  const body = await optionalJsonBody(request);
  if (body === undefined) return { force: false };
  if (!isRecord(body)) throw new RequestProblem(400, 'The body must be an object such as {"force": true}, or absent.');
  const unknown = Object.keys(body).filter((name) => name !== 'force');
  if (unknown.length > 0) throw new RequestProblem(400, `The body knows only force; it has ${unknown.join(', ')}.`);
  const { force = false } = body;
  if (typeof force !== 'boolean') throw new RequestProblem(400, 'force must be true or false.');
  return { force };
}
