import { type DurableClient, EntityId } from 'durable-functions';
import type { IntakeState } from '../../entities/intake.ts';
import type { BlobCreated } from '../events/blob-event.ts';
import { ENTITIES, NO_DATASET, ORCHESTRATORS } from '../names.ts';
import type { Services } from '../services.ts';
import { driveSet, entryOf } from './admit-to-set.ts';
import type { Admission } from './batch.ts';
import { type FileRecord, fileId } from './file-record.ts';
import { startOnce } from './start-once.ts';

/**
 * Enters a landed file in the ledger and, when it is new there, tells its dataset's intake. Safe to repeat: any
 * number of announcements of the same path and eTag is one file.
 */
export async function admitLandedFile(
  { datasets, files, lake }: Pick<Services, 'datasets' | 'files' | 'lake'>,
  client: DurableClient,
  event: BlobCreated,
): Promise<FileRecord> {
  const { path, etag, size, sequencer, landedAt } = event;
  const traced = event.traceparent === undefined ? {} : { traceparent: event.traceparent };
  const id = fileId(path, etag);
  const expecting = datasets.expecting(path);
  if (expecting === undefined) {
    const patterns = datasets.all.map(({ contract }) => contract.arrival.path).join(', ');
    return files.enter({
      ...{ id, dataset: NO_DATASET, path, etag, size, sequencer, landedAt, ...traced },
      status: 'rejected',
      reason: `No dataset expects a file at this path. Known patterns: ${patterns}. Add a folder under datasets/ or land the file elsewhere.`,
    });
  }
  const { dataset } = expecting.contract;
  const entry = await entryOf({ lake }, expecting, path, datasets.ofManifest(path) !== undefined);
  const file = await files.enter({ id, dataset, path, etag, size, sequencer, landedAt, ...traced, ...entry });
  if (file.status === 'waiting') await driveSet(client, expecting, file);
  if (file.status === 'arrived') await driveArrival(client, file);
  return file;
}

/**
 * Has a file taken along that is in the ledger as arrived: starts the small orchestration that tells its intake, unless the
 * next batch will look for arrived files anyway. So in a burst most files need none.
 */
export async function driveArrival(client: DurableClient, { id, dataset }: FileRecord): Promise<void> {
  const { entityState } = await client.readEntityState<IntakeState>(new EntityId(ENTITIES.intake, dataset));
  // The file was entered before this was read, and whoever waits is looked for after it.
  if (entityState?.waiting === true && entityState.running !== null) return;
  const input: Admission = { dataset };
  await startOnce(client, ORCHESTRATORS.admitFile, `admit-${id}`, input);
}
