import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';

/** Closes the record of a backfill. */
export function createEndBackfill({ runs }: Pick<Services, 'runs'>): Activities['end-backfill'] {
  return async ({ backfill: { dataset, id }, status, error }) => {
    const endedAt = new Date().toISOString();
    await runs.update(dataset, id, { status, endedAt, ...(error === undefined ? {} : { error }) });
    return null;
  };
}
