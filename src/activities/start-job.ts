import { createHash } from 'node:crypto';
import type { DatabricksRun } from '../shared/databricks/databricks-client.ts';
import { jobContext, type SilverVersions } from '../shared/databricks/job-context.ts';
import { lakePaths } from '../shared/lake/paths.ts';
import { readFiles } from '../shared/ledger/file-lists.ts';
import { CONTAINERS, jobName } from '../shared/names.ts';
import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';
import { datasetOf } from './dataset-of.ts';

const FAILED = new Set<DatabricksRun['state']>(['failed', 'canceled']);

type Needs = Pick<Services, 'datasets' | 'lake' | 'databricks' | 'publications' | 'runs'>;

/**
 * Writes the context of a job into the lake and starts its run. The idempotency token is made of batch (or training),
 * step and attempt, so that repeating this activity, after a crash or a lost answer, finds the same run. A batch that was resumed
 * finds the runs that succeeded before; where one failed it gets a new one.
 */
export function createStartJob({ datasets, lake, databricks, publications, runs }: Needs): Activities['start-job'] {
  const publishedVersions = async (names: readonly string[]): Promise<SilverVersions> => {
    const found = await Promise.all(
      names.map(async (name) => [name, (await publications.get(name))?.silverVersion] as const),
    );
    return new Map(found.filter((entry): entry is readonly [string, number] => entry[1] !== undefined));
  };
  return async ({ batch, step, attempt, ...options }) => {
    const dataset = datasetOf(datasets, batch);
    if ((await runs.get(batch.dataset, batch.id))?.cancelRequested === true) return null;
    const references = (dataset.contract.combine ?? []).map((combine) => combine.dataset);
    const versions = await publishedVersions([batch.dataset, ...references]);
    const files = await readFiles(lake, batch);
    const context = jobContext(lake, datasets, dataset, { ...batch, files }, step, attempt, options, versions);
    const path = lakePaths.context(batch.id, step, attempt);
    await lake.writeJson(CONTAINERS.lake, path, context);
    const parameters = { context_uri: lake.uri(CONTAINERS.lake, path) };
    const resumes = batch.resumes ?? 0;
    let runId = '';
    for (let resume = 0; resume <= resumes; resume++) {
      const token = idempotencyToken(`${batch.id}:${step}:${attempt}${resume === 0 ? '' : `:${resume}`}`);
      runId = await databricks.startJob(jobName(step), parameters, token);
      if (resume < resumes && !FAILED.has((await databricks.getRun(runId)).state)) break;
    }
    await runs.step(batch.dataset, batch.id, step, { startedAt: new Date().toISOString(), databricksRunId: runId });
    return runId;
  };
}

const LONGEST_TOKEN = 64;

/** Databricks takes 64 characters at most; the hash of a longer one is as good. */
function idempotencyToken(token: string): string {
  return token.length <= LONGEST_TOKEN ? token : createHash('sha256').update(token).digest('hex');
}
