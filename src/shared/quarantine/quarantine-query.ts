import type { HttpRequest } from '@azure/functions';
import type { Datasets } from '../contracts/load-datasets.ts';
import { RequestProblem } from '../http/problem.ts';
import type { QuarantineFilter } from '../ledger/file-ledger.ts';

/** The query parameters that say which quarantined rows are meant. */
export const QUARANTINE_PARAMETERS = ['dataset', 'file', 'rule', 'batch'] as const;

/**
 * The rows that a request means. `dataset` must be there.
 * @throws RequestProblem 400 when it is not, 404 when there is no such dataset
 */
export function parseQuarantineQuery({ query }: HttpRequest, datasets: Datasets): QuarantineFilter {
  const dataset = query.get('dataset');
  if (dataset === null) throw new RequestProblem(400, 'dataset is missing; GET /api/datasets lists them.');
  if (datasets.get(dataset) === undefined)
    throw new RequestProblem(404, `There is no dataset '${dataset}'; GET /api/datasets lists them.`);
  const [path, rule, batch] = [query.get('file'), query.get('rule'), query.get('batch')];
  return {
    dataset,
    ...(path === null ? {} : { path }),
    ...(rule === null ? {} : { rule }),
    ...(batch === null ? {} : { batch }),
  };
}
