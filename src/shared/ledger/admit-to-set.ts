import type { DurableClient } from 'durable-functions';
import type { Dataset } from '../contracts/contract.ts';
import { ORCHESTRATORS } from '../names.ts';
import type { Services } from '../services.ts';
import type { FileRecord } from './file-record.ts';
import { durationMilliseconds, findGoneSet, setKey, setOf } from './file-sets.ts';
import { startOnce } from './start-once.ts';

/** How a new file of a dataset is entered in the ledger: it waits for its set, unless that has gone on already. */
export async function entryOf(
  { lake }: Pick<Services, 'lake'>,
  { contract }: Dataset,
  path: string,
  isManifest: boolean,
): Promise<Pick<FileRecord, 'status' | 'reason' | 'set' | 'manifest'>> {
  const sets = contract.arrival.set;
  if (sets === undefined) return { status: 'arrived' };
  const set = setOf(sets, path);
  if (set === undefined) {
    const reason = `Its path names no set of files: arrival.set.by of '${contract.dataset}' is ${sets.by}. Land it at another path.`;
    return { status: 'rejected', reason };
  }
  if (isManifest) return { status: 'waiting', set, manifest: true, reason: 'It says what belongs to its set.' };
  const gone = await findGoneSet(lake, contract.dataset, set);
  return gone === undefined ? { status: 'waiting', set, reason: 'It waits for its set.' } : { status: 'arrived', set };
}

/** Has a set looked at, since one of its files has landed, and once more when its time has come. Safe to repeat. */
export async function driveSet(client: DurableClient, dataset: Dataset, file: FileRecord): Promise<void> {
  const { contract } = dataset;
  const { set } = file;
  if (set === undefined || contract.arrival.set === undefined) return;
  const ref = { dataset: contract.dataset, set };
  const deadline = Date.parse(file.landedAt) + durationMilliseconds(contract.arrival.set.deadline);
  const waiting = { ...ref, deadline: new Date(deadline).toISOString() };
  // The first file sets the clock: while that runs, the others do not.
  await startOnce(client, ORCHESTRATORS.awaitSet, `await-set-${contract.dataset}-${setKey(set)}`, waiting);
  await startOnce(client, ORCHESTRATORS.lookAtSet, `look-at-set-${file.id}`, { ...ref, file: file.id });
}
