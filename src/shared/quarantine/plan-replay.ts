import type { BlobFacts } from '../lake/lake.ts';
import { byVersion, type FileRecord, fileId, isFinal } from '../ledger/file-record.ts';

/** What a replay of one file comes to: a new entry, one that is under way already, or why there is none. */
export type ReplayPlan =
  | { readonly kind: 'replay' | 'under way'; readonly entry: FileRecord }
  | { readonly kind: 'left out'; readonly reason: string };

/** Entries of these have told of rows, or of why there are none. */
const TOLD = new Set<FileRecord['status']>(['published', 'failed', 'rejected']);

/**
 * Plans the replay of a file: the version that is in landing goes through a batch once more, in the place of the entry
 * that counts, and as of the time when that one landed, so that it wins and loses against other files as it would have.
 * @param versions all entries of the path
 * @param blob what storage knows of the path
 * @param contractVersion the present one
 * @param backfill on whose behalf; an entry that it made before is the one, however that ended
 */
export function planReplay(
  versions: readonly FileRecord[],
  blob: BlobFacts | undefined,
  contractVersion: string,
  requestedAt: string,
  backfill?: string,
): ReplayPlan {
  const ordered = versions.toSorted(byVersion);
  const own = ordered.findLast(({ replay }) => backfill !== undefined && replay?.backfill === backfill);
  if (own !== undefined) return { kind: 'under way', entry: own };
  const underWay = ordered.findLast((entry) => !isFinal(entry));
  if (underWay?.replay !== undefined) return { kind: 'under way', entry: underWay };
  if (underWay !== undefined)
    return leftOut('A version of it is on its way, and goes through the present contract anyway.');
  const current = ordered.findLast(({ status, replacedBy }) => TOLD.has(status) && replacedBy === undefined);
  if (current === undefined) return leftOut('The ledger knows no version of it that was read.');
  if (blob === undefined) return leftOut('It is no longer in landing; land it again.');
  const landed = ordered.findLast(({ etag, deleted }) => etag === blob.etag && deleted === undefined);
  if (landed === undefined)
    return leftOut('It was overwritten, and its newer version is not in the ledger yet; that one goes through anyway.');
  if (current.contractVersion === contractVersion && isSettled(current))
    return leftOut(`It was read under the present version of the contract, ${contractVersion}: nothing would change.`);
  const { dataset, path, etag, size, sequencer } = landed;
  const ofVersion = ordered.filter((entry) => entry.etag === etag);
  const number = 1 + Math.max(...ofVersion.map(({ replay }) => replay?.number ?? 0));
  const entry: FileRecord = {
    ...{ id: fileId(path, etag, number), dataset, path, etag, size, sequencer, landedAt: current.landedAt },
    status: 'arrived',
    replay: { of: current.id, number, requestedAt, ...(backfill === undefined ? {} : { backfill }) },
  };
  return { kind: 'replay', entry };
}

/** Whether another reading under the same contract gives the same. */
export function isSettled(entry: FileRecord): boolean {
  return entry.status === 'rejected' || entry.status === 'published';
}

function leftOut(reason: string): ReplayPlan {
  return { kind: 'left out', reason };
}
