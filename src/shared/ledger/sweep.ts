import { type DurableClient, EntityId } from 'durable-functions';
import type { IntakeState } from '../../entities/intake.ts';
import { CONTAINERS, ENTITIES, ORCHESTRATORS } from '../names.ts';
import type { Services } from '../services.ts';
import { admitLandedFile, driveArrival } from './admit-landed-file.ts';
import type { Admission } from './batch.ts';
import { isAlive } from './is-alive.ts';
import { startOnce } from './start-once.ts';

/** What a sweep found: files that it looked at, datasets whose arrivals it started again, batches that had lost their driver. */
export interface Swept {
  readonly files: number;
  readonly restarted: number;
  readonly orphans: number;
}

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
  for await (const { path, etag, size, lastModified } of app.lake.list(CONTAINERS.landing)) {
    if (new Date(lastModified) < since) continue;
    // No event, no sequencer: the ledger fills it in when the event comes after all.
    const event = { container: CONTAINERS.landing, path, etag, size, sequencer: '', landedAt: lastModified };
    await admitLandedFile(app, client, event);
    files++;
  }
  let restarted = 0;
  let orphans = 0;
  for (const { contract } of app.datasets.all) {
    // One file is enough: the batch that it starts takes all that have arrived.
    const [first] = await app.files.arrived(contract.dataset, 1);
    if (first !== undefined) await driveArrival(client, first);
    if (first !== undefined) restarted++;
    if (await adoptOrphan(client, contract.dataset)) orphans++;
  }
  return { files, restarted, orphans };
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
