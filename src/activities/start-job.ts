import { jobContext } from '../shared/databricks/job-context.ts';
import { lakePaths } from '../shared/lake/paths.ts';
import { CONTAINERS, jobName } from '../shared/names.ts';
import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';
import { datasetOf } from './dataset-of.ts';

/**
 * Writes the context of a job into the lake and starts its run. The idempotency token is made of batch, step and
 * attempt, so that repeating this activity, after a crash or a lost answer, finds the same run.
 */
export function createStartJob({
  datasets,
  lake,
  databricks,
  runs,
}: Pick<Services, 'datasets' | 'lake' | 'databricks' | 'runs'>): Activities['start-job'] {
  return async ({ batch, step, attempt, skipModel }) => {
    const context = jobContext(lake, datasets, datasetOf(datasets, batch), batch, step, attempt, skipModel ?? false);
    const path = lakePaths.context(batch.id, step, attempt);
    await lake.writeJson(CONTAINERS.lake, path, context);
    const runId = await databricks.startJob(
      jobName(step),
      { context_uri: lake.uri(CONTAINERS.lake, path) },
      `${batch.id}:${step}:${attempt}`,
    );
    await runs.step(batch.dataset, batch.id, step, { startedAt: new Date().toISOString(), databricksRunId: runId });
    return runId;
  };
}
