import type { Services } from '../services.ts';
import type { Backfill, BackfillRecord } from './backfill.ts';

/** Notes in a backfill's record how it goes. */
export async function noteBackfill(
  { runs }: Pick<Services, 'runs'>,
  { dataset, id }: Pick<Backfill, 'dataset' | 'id'>,
  changes: Partial<BackfillRecord>,
): Promise<void> {
  const before = (await runs.get(dataset, id))?.backfill;
  if (before !== undefined) await runs.update(dataset, id, { backfill: { ...before, ...changes } });
}
