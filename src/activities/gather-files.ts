import { lakePaths } from '../shared/lake/paths.ts';
import type { FileRef } from '../shared/ledger/batch.ts';
import { claimFiles, findClaim, type Gathered } from '../shared/ledger/file-lists.ts';
import type { FileRecord } from '../shared/ledger/file-record.ts';
import type { Services } from '../shared/services.ts';
import { traceOf } from '../shared/telemetry/span-place.ts';
import type { Activities } from './activities.ts';

/**
 * Takes the files of a dataset that have arrived, those that landed first in front, and writes the list down: repeating
 * this gives the same files, whatever has arrived since.
 */
export function createGatherFiles({
  files,
  lake,
  batchLimits,
}: Pick<Services, 'files' | 'lake' | 'batchLimits'>): Activities['gather-files'] {
  return async (batch) => {
    const { id, dataset, resumes } = batch;
    const path = lakePaths.files(id, 'arrived', resumes);
    let gathered = await findClaim(lake, path);
    if (gathered === undefined) {
      const own = resumes === undefined ? undefined : id;
      gathered = take(await files.arrived(dataset, batchLimits.files + 1, own), batchLimits);
      if (gathered.files.length === 0 && own === undefined) return { batch: null, more: false };
      gathered = await claimFiles(lake, path, gathered);
    }
    const list = { path, count: gathered.files.length };
    return { batch: { ...batch, files: list, ...traceOf(gathered.files) }, more: gathered.more };
  };
}

/** The first files; one that is larger than a batch may be goes alone. */
function take(arrived: readonly FileRecord[], limits: Services['batchLimits']): Gathered {
  let bytes = 0;
  const end = arrived.findIndex(({ size }, index) => {
    bytes += size;
    return index > 0 && (index === limits.files || bytes > limits.bytes);
  });
  const taken = end === -1 ? arrived : arrived.slice(0, end);
  return { files: taken.map(toRef), more: taken.length < arrived.length };
}

function toRef({ id, path, etag, size, sequencer, landedAt, deleted, traceparent }: FileRecord): FileRef {
  return {
    ...{ id, path, etag, size, sequencer, landedAt },
    ...(deleted === undefined ? {} : { deleted }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}
