import { createHash } from 'node:crypto';
import type { Dataset } from '../shared/contracts/contract.ts';
import { type EvolvedColumn, withEvolved } from '../shared/contracts/evolved-columns.ts';
import type { DatabricksRun } from '../shared/databricks/databricks-client.ts';
import { comparesBatches, jobContext, referencesOf, type SilverVersions } from '../shared/databricks/job-context.ts';
import { parseEvolved } from '../shared/databricks/job-results.ts';
import type { Publication } from '../shared/insights/publication.ts';
import { lakePaths } from '../shared/lake/paths.ts';
import type { Batch } from '../shared/ledger/batch.ts';
import { readFiles } from '../shared/ledger/file-lists.ts';
import { CONTAINERS, type JobStep, jobName } from '../shared/names.ts';
import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';
import { datasetOf } from './dataset-of.ts';

/** Runs that are looked back at, trainings and refreshes among them, and batches that one is compared with at most. */
const LOOKED_BACK = 100;
const COMPARED = 20;

const FAILED = new Set<DatabricksRun['state']>(['failed', 'canceled']);

type Needs = Pick<Services, 'datasets' | 'lake' | 'databricks' | 'publications' | 'runs'>;

/**
 * Writes the context of a job into the lake and starts its run. The idempotency token is made of batch (or training),
 * step and attempt, so that repeating this activity, after a crash or a lost answer, finds the same run. A batch that was resumed
 * finds the runs that succeeded before; where one failed it gets a new one.
 */
export function createStartJob({ datasets, lake, databricks, publications, runs }: Needs): Activities['start-job'] {
  /** What files brought, as of the version that the step works on: its batch's own once that is cleansed. */
  const evolvedColumns = async (
    { contract }: Dataset,
    { id, refresh }: Batch,
    step: JobStep,
    published: readonly EvolvedColumn[],
  ): Promise<readonly EvolvedColumn[]> => {
    const mayEvolve = contract.drift?.new_columns === 'evolve' && refresh === undefined && step !== 'cleanse';
    if (!mayEvolve) return published;
    const cleansed = await lake.findJson(CONTAINERS.lake, lakePaths.result(id, 'cleanse', 1));
    return cleansed === undefined ? published : parseEvolved(cleansed);
  };
  const published = async (names: readonly string[]): Promise<ReadonlyMap<string, Publication>> => {
    const found = await Promise.all(names.map((name) => publications.get(name)));
    return new Map(
      found.filter((publication) => publication !== undefined).map((publication) => [publication.dataset, publication]),
    );
  };
  /** Batches that were published before, where the contract compares with them. */
  const history = async ({ contract }: Dataset, step: JobStep): Promise<readonly string[]> => {
    if (step !== 'cleanse' || !comparesBatches(contract)) return [];
    const { items } = await runs.list({ datasets: [contract.dataset], status: 'succeeded' }, LOOKED_BACK);
    const batches = items.filter(({ kind, refresh }) => kind === undefined && refresh === undefined);
    return batches.slice(0, COMPARED).map(({ id }) => id);
  };
  return async ({ batch, step, attempt, ...options }) => {
    const declared = datasetOf(datasets, batch);
    if ((await runs.get(batch.dataset, batch.id))?.cancelRequested === true) return null;
    const references = referencesOf(declared.contract);
    const publication = await published([batch.dataset, ...references]);
    const evolved = await evolvedColumns(declared, batch, step, publication.get(batch.dataset)?.evolved ?? []);
    const files = await readFiles(lake, batch);
    const versions = silverVersions(publication);
    const dataset = withEvolved(declared, evolved);
    const context = jobContext(
      ...([lake, datasets, dataset, { ...batch, files }, step, attempt, options, versions] as const),
      await history(declared, step),
    );
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

function silverVersions(publications: ReadonlyMap<string, Publication>): SilverVersions {
  return new Map([...publications].flatMap(([name, { silverVersion: v }]) => (v === undefined ? [] : [[name, v]])));
}

const LONGEST_TOKEN = 64;

/** Databricks takes 64 characters at most; the hash of a longer one is as good. */
function idempotencyToken(token: string): string {
  return token.length <= LONGEST_TOKEN ? token : createHash('sha256').update(token).digest('hex');
}
