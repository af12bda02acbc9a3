import type { BackfillProgress } from '../shared/backfill/backfill.ts';
import { readMade } from '../shared/backfill/backfill-documents.ts';
import { noteBackfill } from '../shared/backfill/note-backfill.ts';
import { isFinal } from '../shared/ledger/file-record.ts';
import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';

/** Looks how the entries of a part stand, and notes the progress. */
export function createAwaitBackfillPart({
  files,
  lake,
  runs,
}: Pick<Services, 'files' | 'lake' | 'runs'>): Activities['await-backfill-part'] {
  return async ({ backfill, entries, progress: sofar }) => {
    const made = await readMade(lake, entries);
    const ids = made.map(({ id }) => id);
    const found = new Map((await files.some(backfill.dataset, ids)).map((entry) => [entry.id, entry]));
    let progress: BackfillProgress = sofar;
    let [open, failure]: [number, string | undefined] = [0, undefined];
    for (const { id, file } of made) {
      const entry = found.get(id);
      if (entry === undefined || !isFinal(entry)) {
        open++;
        continue;
      }
      const { status, rows, reason } = entry;
      const kind = status === 'failed' ? 'failed' : status === 'rejected' ? 'rejected' : 'published';
      if (kind === 'failed') failure ??= `${file.path}: ${reason ?? 'its batch failed'}`;
      const { before, after } = progress;
      progress = {
        ...progress,
        [kind]: progress[kind] + 1,
        before: { read: before.read + file.read, quarantined: before.quarantined + file.quarantined },
        after: { read: after.read + (rows?.read ?? 0), quarantined: after.quarantined + (rows?.quarantined ?? 0) },
      };
    }
    await noteBackfill({ runs }, backfill, { progress });
    return { open, progress, ...(failure === undefined ? {} : { failure }) };
  };
}
