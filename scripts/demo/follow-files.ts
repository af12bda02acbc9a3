import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient, ApiFile, ApiRun } from '../api-client.ts';

/** What following tells as it goes; each is called once for each thing. */
export interface Progress {
  step(run: ApiRun, name: string): void;
  file(file: ApiFile): void;
}

const UNDER_WAY = new Set(['arrived', 'processing']);
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
  const told = new Set<string>();
  const once = (key: string, tell: () => void): void => {
    if (told.has(key)) return;
    told.add(key);
    tell();
  };
  while (true) {
    const [files, runs] = await Promise.all([
      gather<ApiFile>(api, 'files', datasets),
      gather<ApiRun>(api, 'runs', datasets),
    ]);
    const ours = files.filter((file) => landed.get(file.path) === file.etag);
    const batches = new Set(ours.map((file) => file.batch));
    for (const run of runs.filter((candidate) => batches.has(candidate.id)).reverse()) {
      const done = Object.entries(run.steps).filter(([, step]) => step.endedAt !== undefined);
      for (const [name, step] of done.sort(([, a], [, b]) => a.startedAt.localeCompare(b.startedAt))) {
        once(`${run.id} ${name} ${step.databricksRunId ?? ''}`, () => progress.step(run, name));
      }
    }
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

async function gather<T>(api: ApiClient, what: string, datasets: readonly string[]): Promise<T[]> {
  return (
    await Promise.all(datasets.map((dataset) => api.all<T>(`/${what}?dataset=${encodeURIComponent(dataset)}`)))
  ).flat();
}
