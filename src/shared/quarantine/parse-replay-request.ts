import type { Dataset } from '../contracts/contract.ts';
import type { Datasets } from '../contracts/load-datasets.ts';
import { isRecord } from '../errors.ts';
import { RequestProblem } from '../http/problem.ts';

/** Which files of a dataset are to be replayed; without a choice all of which rows, or the whole, were refused. */
export interface ReplayRequest {
  readonly dataset: Dataset;
  readonly files?: readonly string[];
  readonly batch?: string;
  readonly rule?: string;
}

const FIELDS = ['dataset', 'files', 'batch', 'rule'];

/** How many files one request replays at most. */
export const MOST_FILES = 500;

/**
 * Parses the body of POST /api/quarantine/replay: `{dataset, files?, batch?, rule?}`.
 * @throws RequestProblem 400 naming the field, 404 when there is no such dataset
 */
export function parseReplayRequest(body: unknown, datasets: Datasets): ReplayRequest {
  if (!isRecord(body)) throw new RequestProblem(400, 'The body must be a JSON object such as {"dataset": "flights"}.');
  const unknown = Object.keys(body).filter((name) => !FIELDS.includes(name));
  if (unknown.length > 0)
    throw new RequestProblem(400, `Unknown field ${unknown.join(', ')}; the body takes ${FIELDS.join(', ')}.`);
  const { files, batch, rule } = body;
  if (files !== undefined && (batch !== undefined || rule !== undefined))
    throw new RequestProblem(400, 'files says which files are meant; leave batch and rule away.');
  const name = text('dataset', body.dataset);
  const dataset = datasets.get(name);
  if (dataset === undefined)
    throw new RequestProblem(404, `There is no dataset '${name}'; GET /api/datasets lists them.`);
  return {
    dataset,
    ...(files === undefined ? {} : { files: paths(files) }),
    ...(batch === undefined ? {} : { batch: text('batch', batch) }),
    ...(rule === undefined ? {} : { rule: text('rule', rule) }),
  };
}

function paths(files: unknown): readonly string[] {
  if (!Array.isArray(files) || files.length === 0 || files.length > MOST_FILES)
    throw new RequestProblem(400, `files must be a list of 1 to ${MOST_FILES} paths.`);
  return [...new Set(files.map((path, index) => text(`files[${index}]`, path)))];
}

function text(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new RequestProblem(400, `${name} must be a text.`);
  return value;
}
