import type { DurableClient } from 'durable-functions';
import type { BlobDeleted } from '../events/blob-event.ts';
import type { Services } from '../services.ts';
import { driveArrival } from './admit-landed-file.ts';
import { byVersion, type FileRecord, fileId } from './file-record.ts';

type App = Pick<Services, 'datasets' | 'files'>;

/**
 * Enters the deletion of a file in the ledger, where its contract has what it brought retracted, and tells the intake: it
 * goes through a batch as a version of the file that brings nothing. Safe to repeat: a deletion is one by its sequencer.
 * @returns undefined where deletions mean nothing, or no version of the file is known: then there is nothing to retract,
 * and a version that is announced later will be found to be gone
 */
export async function admitDeletion(
  { datasets, files }: App,
  client: DurableClient,
  { path, sequencer, deletedAt, traceparent }: BlobDeleted,
): Promise<FileRecord | undefined> {
  const contract = datasets.ofPath(path)?.contract;
  if (contract?.arrival.on_delete !== 'retract') return undefined;
  const latest = (await files.versions(contract.dataset, path)).toSorted(byVersion).at(-1);
  if (latest === undefined) return undefined;
  return enter({ files }, client, {
    ...{ id: fileId(path, `deleted ${sequencer}`), dataset: contract.dataset, path, etag: latest.etag, size: 0 },
    ...{ sequencer, landedAt: deletedAt, status: 'arrived', deleted: true },
    ...(traceparent === undefined ? {} : { traceparent }),
  });
}

/** Enters the deletion of a file that counts and is no longer in landing, though no event has told so. */
export async function admitLostDeletion(
  app: App,
  client: DurableClient,
  { id, dataset, path, etag, sequencer }: FileRecord,
): Promise<FileRecord> {
  return enter(app, client, {
    ...{ id: fileId(path, `deleted after ${id}`), dataset, path, etag, size: 0, sequencer },
    ...{ landedAt: new Date().toISOString(), status: 'arrived', deleted: true },
  });
}

async function enter(
  { files }: Pick<Services, 'files'>,
  client: DurableClient,
  entry: FileRecord,
): Promise<FileRecord> {
  const entered = await files.enter(entry);
  if (entered.status === 'arrived') await driveArrival(client, entered);
  return entered;
}
