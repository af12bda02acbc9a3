import { type DurableClient, EntityId } from 'durable-functions';
import type { IntakeState } from '../../entities/intake.ts';
import type { Dataset } from '../contracts/contract.ts';
import { CONTAINERS, ENTITIES, ORCHESTRATORS } from '../names.ts';
import type { Services } from '../services.ts';
import { admitLostDeletion } from './admit-deletion.ts';
import { admitLandedFile, driveArrival } from './admit-landed-file.ts';
import { driveSet } from './admit-to-set.ts';
import type { Admission } from './batch.ts';
import { isAlive } from './is-alive.ts';
import { startOnce } from './start-once.ts';

/** What a sweep found: files that it looked at, datasets whose arrivals it started again, batches that had lost their driver. */
export interface Swept {
  readonly files: number;
  readonly restarted: number;
  readonly orphans: number;
}

const PAGE = 200;

/**
 * Finds what events and orchestrations left behind: files that landed since a time and were never announced, arrivals
 * that no one took up, and batches whose driver was terminated or purged. Safe to repeat.
 */
export async function sweep(
  app: Pick<Services, 'datasets' | 'files' | 'lake'>,
  client: DurableClient,
  since: Date,
): Promise<Swept> {
  let files = 0;
  const there = new Set<string>();
  for await (const { path, etag, size, lastModified } of app.lake.list(CONTAINERS.landing)) {
    if (app.datasets.ofPath(path)?.contract.arrival.on_delete === 'retract') there.add(path);
    if (new Date(lastModified) < since) continue;
    // No event, no sequencer: the ledger fills it in when the event comes after all.
    const event = { container: CONTAINERS.landing, path, etag, size, sequencer: '', landedAt: lastModified };
    await admitLandedFile(app, client, event);
    files++;
  }
  let restarted = 0;
  let orphans = 0;
  for (const dataset of app.datasets.all) {
    const { contract } = dataset;
    if (contract.arrival.on_delete === 'retract') await admitLostDeletions(app, client, contract.dataset, there);
    // One file is enough: the batch that it starts takes all that have arrived.
    const [first] = await app.files.arrived(contract.dataset, 1);
    if (first !== undefined) await driveArrival(client, first);
    if (first !== undefined) restarted++;
    await lookAtSets(app, client, dataset);
    if (await adoptOrphan(client, contract.dataset)) orphans++;
  }
  return { files, restarted, orphans };
}

/** Has each set that waits looked at once more, and its time taken where nobody does. */
async function lookAtSets(app: Pick<Services, 'files'>, client: DurableClient, dataset: Dataset): Promise<void> {
  const { arrival, dataset: name } = dataset.contract;
  if (arrival.set === undefined) return;
  const { items } = await app.files.list({ datasets: [name], status: 'waiting' }, PAGE);
  for (const [first] of Map.groupBy(items, ({ set }) => set).values()) {
    if (first !== undefined) await driveSet(client, dataset, first);
  }
}

/**
 * Enters the deletions that no event told of: of files that count, and were not there when landing was listed. One that has
 * landed since is found to be there by the batch.
 */
async function admitLostDeletions(
  app: Pick<Services, 'datasets' | 'files'>,
  client: DurableClient,
  dataset: string,
  there: ReadonlySet<string>,
): Promise<void> {
  let after: string | undefined;
  do {
    const page = await app.files.list({ datasets: [dataset], status: 'published' }, PAGE, after);
    for (const file of page.items) {
      if (file.replacedBy === undefined && !there.has(file.path)) await admitLostDeletion(app, client, file);
    }
    after = page.continuation;
  } while (after !== undefined);
}

/** Starts another driver for a dataset's running batch when the one that had it, and the batch itself, are no more. */
async function adoptOrphan(client: DurableClient, dataset: string): Promise<boolean> {
  const { entityState } = await client.readEntityState<IntakeState>(new EntityId(ENTITIES.intake, dataset));
  const running = entityState?.running;
  if (running === undefined || running === null) return false;
  if ((await isAlive(client, entityState?.driver ?? '')) || (await isAlive(client, running.id))) return false;
  const input: Admission = { dataset, orphan: running.id };
  return startOnce(client, ORCHESTRATORS.admitFile, `adopt-${running.id}`, input);
}
