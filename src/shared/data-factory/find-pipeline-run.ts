import { RequestProblem } from '../http/problem.ts';
import type { PipelineRunLog } from './pipeline-run-log.ts';
import type { PipelineRunRecord } from './pipeline-run-record.ts';

/** The run of a pipeline that a request names. @throws RequestProblem 404 when there is none */
export async function findPipelineRun(runs: PipelineRunLog, id = ''): Promise<PipelineRunRecord> {
  const run = await runs.get(id);
  if (run === undefined) throw new RequestProblem(404, `There is no run '${id}'; GET /api/pipelines/runs lists them.`);
  return run;
}
