import { openBackfill } from '../shared/backfill/start-backfill.ts';
import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';

/** Opens the record of a backfill, if whoever asked for it did not come to it. */
export function createOpenBackfill({ runs }: Pick<Services, 'runs'>): Activities['open-backfill'] {
  return async (story) => {
    await openBackfill({ runs }, story);
    return null;
  };
}
