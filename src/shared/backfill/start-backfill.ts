import type { DurableClient } from 'durable-functions';
import { RequestProblem } from '../http/problem.ts';
import { lakePaths } from '../lake/paths.ts';
import { isAlive } from '../ledger/is-alive.ts';
import { startOnce } from '../ledger/start-once.ts';
import { CONTAINERS, ORCHESTRATORS } from '../names.ts';
import type { Services } from '../services.ts';
import { type Backfill, type BackfillStory, backfillId, NO_PROGRESS } from './backfill.ts';
import { previewBackfill } from './preview-backfill.ts';
import { decodeToken } from './token.ts';

type App = Pick<Services, 'datasets' | 'files' | 'lake' | 'runs' | 'publications' | 'batchLimits'>;

/**
 * Starts what was previewed, once however often it is asked for; gives its id. Nothing is started where it would come to
 * something else by now.
 * @throws RequestProblem 400 for a token that is none, 409 when the preview no longer holds, is empty, or another one is
 * under way
 */
export async function startBackfill(app: App, client: DurableClient, token: string): Promise<string> {
  const { request, hash } = decodeToken(token, app.datasets);
  const { dataset: name } = request.selection;
  const dataset = app.datasets.get(name);
  if (dataset === undefined) throw new RequestProblem(404, `There is no dataset '${name}'.`);
  const id = backfillId(name, hash);
  if ((await app.runs.get(name, id)) !== undefined) return id;
  for (const other of (await app.runs.list({ datasets: [name], kind: 'backfill', status: 'running' }, 10)).items)
    if (await isAlive(client, other.id))
      throw new RequestProblem(
        409,
        `${other.id} is under way; wait for its end or cancel it (GET /api/runs/${other.id}).`,
      );
  const { preview, files, hash: now } = await previewBackfill(app, dataset, request);
  if (now !== hash)
    throw new RequestProblem(
      409,
      'It would do something else by now: files or contract have changed. Preview it again.',
    );
  if (files.length === 0) throw new RequestProblem(409, 'There is no file to be read again.');
  const path = lakePaths.backfill(id, 'files');
  await app.lake.writeJson(CONTAINERS.lake, path, { files });
  const backfill: Backfill = {
    ...{ id, dataset: name, contractVersion: dataset.version, files: { path, count: files.length } },
    ...{ hasCanary: preview.canary !== null, maxQuarantinedGrowth: request.maxQuarantinedGrowth },
  };
  const story: BackfillStory = { backfill, request, startedAt: new Date().toISOString() };
  await startOnce(client, ORCHESTRATORS.runBackfill, id, story);
  await openBackfill(app, story); // its orchestration does so too: here so that who asks next finds it
  return id;
}

/** Opens the record of a backfill; one that is there stays as it is. */
export async function openBackfill(
  { runs }: Pick<Services, 'runs'>,
  { backfill: { id, dataset, files, contractVersion }, request, startedAt }: BackfillStory,
): Promise<void> {
  await runs.open({
    ...{ id, dataset, kind: 'backfill', number: 0, status: 'running', startedAt },
    ...{ files: files.count, contractVersion, steps: {} },
    backfill: { ...request, progress: NO_PROGRESS },
  });
}
