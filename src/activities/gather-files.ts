import { lakePaths } from '../shared/lake/paths.ts';
import type { FileRef } from '../shared/ledger/batch.ts';
import { claimFiles, findClaim, type Gathered } from '../shared/ledger/file-lists.ts';
import { type FileRecord, isFinal } from '../shared/ledger/file-record.ts';
import { isMember, setMembers } from '../shared/ledger/file-sets.ts';
import type { Services } from '../shared/services.ts';
import { traceOf } from '../shared/telemetry/span-place.ts';
import type { Activities } from './activities.ts';

/**
 * Takes the files of a dataset that have arrived, those that landed first in front, and writes the list down: repeating
 * this gives the same files, whatever has arrived since. Files of a set stay together.
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
      const arrived = await files.arrived(dataset, batchLimits.files + 1, own);
      gathered = take(await inUnits({ files, lake }, dataset, arrived), batchLimits);
      if (gathered.files.length === 0 && own === undefined) return { batch: null, more: false };
      gathered = await claimFiles(lake, path, gathered);
    }
    const list = { path, count: gathered.files.length };
    return { batch: { ...batch, files: list, ...traceOf(gathered.files) }, more: gathered.more };
  };
}

type Unit = readonly FileRecord[];

/** Files as they must go: each by itself, or those of a set that went on together, however many they are. */
async function inUnits(
  { files, lake }: Pick<Services, 'files' | 'lake'>,
  dataset: string,
  arrived: readonly FileRecord[],
): Promise<readonly Unit[]> {
  const names = [...new Set(arrived.flatMap(({ set }) => set ?? []))];
  if (names.length === 0) return arrived.map((file) => [file]);
  const sets = new Map<string, Unit>();
  for (const name of names) {
    const ids = await setMembers(lake, dataset, name);
    // Some of them may not be marked as arrived yet.
    const members = (await files.some(dataset, ids)).filter((file) => !isFinal(file) || isMember(file));
    for (const { id } of members) sets.set(id, members);
  }
  return [...new Set(arrived.map((file) => sets.get(file.id) ?? [file]))];
}

/** The first files; a unit that is larger than a batch may be goes alone. */
function take(units: readonly Unit[], limits: Services['batchLimits']): Gathered {
  let [count, bytes] = [0, 0];
  const end = units.findIndex((unit, index) => {
    count += unit.length;
    bytes += unit.reduce((sum, { size }) => sum + size, 0);
    return index > 0 && (count > limits.files || bytes > limits.bytes);
  });
  const taken = end === -1 ? units : units.slice(0, end);
  return { files: taken.flat().map(toRef), more: taken.length < units.length };
}

function toRef({ id, path, etag, size, sequencer, landedAt, deleted, traceparent }: FileRecord): FileRef {
  return {
    ...{ id, path, etag, size, sequencer, landedAt },
    ...(deleted === undefined ? {} : { deleted }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}
