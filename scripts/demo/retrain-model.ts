import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient, ApiModel, ApiRun } from '../api-client.ts';
import { stepLine } from './report.ts';

const POLL_MILLISECONDS = 100;
const WITHIN_MILLISECONDS = 120_000;

/**
 * Challenges a dataset's champion by the API, as the nightly timer does, and tells how it went; where another model won,
 * until all that is published has its scores.
 * @throws Error when the training fails, or the scores do not come in time
 */
export async function retrainModel(api: ApiClient, dataset: string, say: (line: string) => void): Promise<void> {
  const { id } = await api.post<{ id: string }>(`/models/${dataset}/retrain`);
  const run = await until(`the end of ${id}`, async () => {
    const found = (await api.all<ApiRun>(`/runs?dataset=${dataset}`)).find((candidate) => candidate.id === id);
    return found === undefined || found.status === 'running' ? undefined : found;
  });
  const { training } = run;
  if (run.status === 'failed' || training === undefined)
    throw new Error(`${id} ended as ${run.status}: ${run.error ?? 'no reason is known'}`);
  const line = (text: string): void => say(`  ${'retrain-model'.padEnd(21)} ${text}`);
  const { contest, verdict, version, champion, reason } = training;
  if (contest !== undefined) {
    const signed = (value: number): string => `${value < 0 ? '' : '+'}${value.toFixed(4)}`;
    line(
      `challenger ${version} AUC ${contest.auc.toFixed(4)}, champion ${champion} ${contest.championAuc.toFixed(4)}: ${signed(contest.difference)} (${signed(contest.low)} to ${signed(contest.high)}), ${(run.steps.train?.seconds ?? 0).toFixed(2)} s`,
    );
  }
  line(`${run.status === 'unchanged' ? 'unchanged' : verdict}: ${reason}`);
  if (verdict !== 'promoted') return;
  await until(`all scores of ${version}`, async () => {
    const { models } = await api.get<{ models: ApiModel[] }>('/models');
    const published = models.find((model) => model.dataset === dataset)?.publishedVersions ?? [];
    return published.join() === version ? true : undefined;
  });
  const refresh = (await api.all<ApiRun>(`/runs?dataset=${dataset}`)).find(({ refresh: why }) => why?.includes(id));
  if (refresh === undefined) return;
  for (const step of ['rescore', 'publish']) say(stepLine(refresh, step));
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + WITHIN_MILLISECONDS; Date.now() < end; await sleep(POLL_MILLISECONDS)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(`${what} did not come within ${WITHIN_MILLISECONDS / 1000} s. See GET /api/runs and the logs.`);
}
