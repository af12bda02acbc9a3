import { readChosen, readMade } from '../shared/backfill/backfill-documents.ts';
import { judgeCanary } from '../shared/backfill/judge-canary.ts';
import { noteBackfill } from '../shared/backfill/note-backfill.ts';
import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';

/** Compares the canary's books with those of before, and notes the verdict. */
export function createJudgeCanary({
  files,
  lake,
  runs,
}: Pick<Services, 'files' | 'lake' | 'runs'>): Activities['judge-canary'] {
  return async ({ backfill, entries }) => {
    const [[chosen], [made]] = await Promise.all([readChosen(lake, backfill), readMade(lake, entries)]);
    const get = (id: string | undefined) => (id === undefined ? undefined : files.get(backfill.dataset, id));
    const [before, entry] = await Promise.all([get(chosen?.entry), get(made?.id)]);
    const outcome = judgeCanary(before, entry, chosen?.path ?? '', backfill.maxQuarantinedGrowth);
    await noteBackfill({ runs }, backfill, { outcome });
    return outcome;
  };
}
