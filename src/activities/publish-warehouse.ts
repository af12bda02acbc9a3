import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';
import { datasetOf } from './dataset-of.ts';
import { recordStep } from './record-step.ts';

/** Makes the staged rows the warehouse's, in one short transaction. */
export function createPublishWarehouse({
  datasets,
  warehouse,
  runs,
}: Pick<Services, 'datasets' | 'warehouse' | 'runs'>): Activities['publish-warehouse'] {
  return async ({ batch, replaced }) =>
    recordStep(runs, batch, 'publish', async () => {
      await warehouse.publish(datasetOf(datasets, batch).contract, batch, replaced);
      return null;
    });
}
