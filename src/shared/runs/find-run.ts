import { datasetOfBackfill } from '../backfill/backfill.ts';
import { RequestProblem } from '../http/problem.ts';
import { datasetOfTraining } from '../models/training.ts';
import { datasetOfBatch } from '../names.ts';
import type { RunLog } from './run-log.ts';
import type { RunRecord } from './run-record.ts';

/** The run that a request names. @throws RequestProblem 404 when there is none */
export async function findRun(runs: RunLog, id = ''): Promise<RunRecord> {
  const dataset = datasetOfBatch(id) ?? datasetOfTraining(id) ?? datasetOfBackfill(id);
  const run = dataset === undefined ? undefined : await runs.get(dataset, id);
  if (run === undefined) throw new RequestProblem(404, `There is no run '${id}'; GET /api/runs lists them.`);
  return run;
}
