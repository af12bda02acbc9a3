import type { Datasets } from '../contracts/load-datasets.ts';
import { isRecord } from '../errors.ts';
import { RequestProblem } from '../http/problem.ts';
import type { BackfillRequest } from './backfill.ts';

const FIELDS = [
  ...['dataset', 'path', 'landedFrom', 'landedBefore', 'contractVersion', 'firstBatch', 'lastBatch'],
  ...['canary', 'maxQuarantinedGrowth'],
];

/** A contract that refuses one row in a hundred more than the one before had better be looked at. */
const MAX_QUARANTINED_GROWTH = 0.01;

/**
 * Parses the body of POST /api/backfill/preview.
 * @param now files that land later are not meant, unless the body says otherwise
 * @throws RequestProblem 400 naming the field, 404 when there is no such dataset
 */
export function parseBackfillRequest(body: unknown, datasets: Datasets, now: Date): BackfillRequest {
  if (!isRecord(body)) throw new RequestProblem(400, 'The body must be a JSON object such as {"dataset": "flights"}.');
  const unknown = Object.keys(body).filter((name) => !FIELDS.includes(name));
  if (unknown.length > 0)
    throw new RequestProblem(400, `Unknown field ${unknown.join(', ')}; the body takes ${FIELDS.join(', ')}.`);
  const dataset = text('dataset', body.dataset) ?? '';
  if (datasets.get(dataset) === undefined)
    throw new RequestProblem(404, `There is no dataset '${dataset}'; GET /api/datasets lists them.`);
  const [path, contractVersion] = [text('path', body.path), text('contractVersion', body.contractVersion)];
  const [landedFrom, landedBefore] = [time('landedFrom', body.landedFrom), time('landedBefore', body.landedBefore)];
  const [firstBatch, lastBatch] = [batch('firstBatch', body.firstBatch), batch('lastBatch', body.lastBatch)];
  const { canary = true, maxQuarantinedGrowth = MAX_QUARANTINED_GROWTH } = body;
  if (typeof canary !== 'boolean' && (typeof canary !== 'string' || canary === ''))
    throw new RequestProblem(400, 'canary must be true, false, or the path of the file that is to go first.');
  if (typeof maxQuarantinedGrowth !== 'number' || !(maxQuarantinedGrowth >= 0 && maxQuarantinedGrowth <= 1))
    throw new RequestProblem(400, 'maxQuarantinedGrowth must be a share, from 0 to 1.');
  return {
    selection: {
      dataset,
      landedBefore: landedBefore ?? now.toISOString(),
      ...(path === undefined ? {} : { path }),
      ...(landedFrom === undefined ? {} : { landedFrom }),
      ...(contractVersion === undefined ? {} : { contractVersion }),
      ...(firstBatch === undefined ? {} : { firstBatch }),
      ...(lastBatch === undefined ? {} : { lastBatch }),
    },
    canary,
    maxQuarantinedGrowth,
  };
}

/** Parses the body of POST /api/backfill: `{token}`. @throws RequestProblem 400 */
export function parseStart(body: unknown): string {
  if (!isRecord(body) || typeof body.token !== 'string' || Object.keys(body).length !== 1)
    throw new RequestProblem(400, 'The body must be {"token": …}, with the token of POST /api/backfill/preview.');
  return body.token;
}

function text(name: string, value: unknown): string | undefined {
  if (value === undefined && name !== 'dataset') return undefined;
  if (typeof value !== 'string' || value === '') throw new RequestProblem(400, `${name} must be a text.`);
  return value;
}

function time(name: string, value: unknown): string | undefined {
  const given = text(name, value);
  if (given === undefined) return undefined;
  if (Number.isNaN(Date.parse(given)))
    throw new RequestProblem(400, `${name} must be a time such as 2026-01-31T00:00:00Z; it is '${given}'.`);
  return new Date(given).toISOString();
}

function batch(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1)
    throw new RequestProblem(400, `${name} must be the number of a batch, from 1 on.`);
  return value;
}
