import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient, ApiFile, ApiRun } from '../api-client.ts';

/** What following tells as it goes; each is called once for each thing. */
export interface Progress {
  step(run: ApiRun, name: string): void;
  file(file: ApiFile): void;
}

const UNDER_WAY = new Set(['waiting', 'arrived', 'processing']);
const POLL_MILLISECONDS = 100;

/**
 * Follows landed files by the API until each has ended, telling every step and file as it is done.
 * @param landed eTags by path
 * @throws Error when they have not all ended in time; the message says where they stand
 */
export async function followFiles(
  api: ApiClient,
  datasets: readonly string[],
  landed: ReadonlyMap<string, string>,
  progress: Progress,
  withinSeconds = 300,
): Promise<readonly ApiFile[]> {
  const until = Date.now() + withinSeconds * 1000;
  const once = teller();
  while (true) {
    const [files, runs] = await Promise.all([
      gather<ApiFile>(api, 'files', datasets),
      gather<ApiRun>(api, 'runs', datasets),
    ]);
    const ours = files.filter((file) => landed.get(file.path) === file.etag);
    const batches = new Set(ours.map((file) => file.batch));
    for (const run of runs.filter((candidate) => batches.has(candidate.id)).reverse()) tellSteps(run, once, progress);
    for (const file of ours.filter(({ status }) => !UNDER_WAY.has(status))) once(file.id, () => progress.file(file));
    if (ours.length === landed.size && ours.every(({ status }) => !UNDER_WAY.has(status))) return ours;
    if (Date.now() > until) {
      const states = ours.map(({ path, status }) => `${path}: ${status}`).join(', ');
      throw new Error(
        `Not all files had ended after ${withinSeconds} s: ${states || 'none is in the ledger'}. See GET /api/runs and the logs.`,
      );
    }
    await sleep(POLL_MILLISECONDS);
  }
}

/**
 * Follows the batch by which a dataset is scored and published again without files, the first after a number.
 * @throws Error when it fails, or has not ended in time
 */
export async function followRefresh(
  api: ApiClient,
  dataset: string,
  after: number,
  progress: Progress,
  withinSeconds = 300,
): Promise<ApiRun> {
  const until = Date.now() + withinSeconds * 1000;
  const once = teller();
  while (true) {
    const run = (await gather<ApiRun>(api, 'runs', [dataset])).find(
      ({ number, files }) => number > after && files === 0,
    );
    if (run !== undefined) tellSteps(run, once, progress);
    if (run?.status === 'succeeded') return run;
    if (run !== undefined && run.status !== 'running')
      throw new Error(`${run.id} ended as ${run.status}: ${run.error ?? 'no reason is known'}`);
    if (Date.now() > until)
      throw new Error(`${dataset} was not refreshed within ${withinSeconds} s. See GET /api/runs.`);
    await sleep(POLL_MILLISECONDS);
  }
}

type Once = (key: string, tell: () => void) => void;

/** Tells each thing once. */
function teller(): Once {
  const told = new Set<string>();
  return (key, tell) => {
    if (told.has(key)) return;
    told.add(key);
    tell();
  };
}

/** Tells the steps of a batch that are done, in order of their start. */
function tellSteps(run: ApiRun, once: Once, progress: Progress): void {
  const done = Object.entries(run.steps).filter(([, step]) => step.endedAt !== undefined);
  for (const [name, step] of done.sort(([, a], [, b]) => a.startedAt.localeCompare(b.startedAt)))
    once(`${run.id} ${name} ${step.databricksRunId ?? ''}`, () => progress.step(run, name));
}

async function gather<T>(api: ApiClient, what: string, datasets: readonly string[]): Promise<T[]> {
  return (
    await Promise.all(datasets.map((dataset) => api.all<T>(`/${what}?dataset=${encodeURIComponent(dataset)}`)))
  ).flat();
}
