import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';

/**
 * The number of a dataset's latest batch that the run log knows, 0 when there is none. A new intake begins behind it:
 * numbers name idempotency tokens and published versions, and must not come again when a task hub is lost or replaced.
 */
export function createLastBatchNumber({ runs }: Pick<Services, 'runs'>): Activities['last-batch-number'] {
  return (dataset) => runs.lastNumber(dataset);
}
