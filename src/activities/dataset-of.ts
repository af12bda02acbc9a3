import type { Dataset } from '../shared/contracts/contract.ts';
import type { Datasets } from '../shared/contracts/load-datasets.ts';
import { LandfallError } from '../shared/errors.ts';
import type { Batch } from '../shared/ledger/batch.ts';

/** The dataset of a batch. @throws LandfallError when its folder is gone by now. */
export function datasetOf(datasets: Datasets, batch: Pick<Batch, 'id' | 'dataset'>): Dataset {
  const dataset = datasets.get(batch.dataset);
  if (dataset === undefined) {
    throw new LandfallError(
      'UnknownDataset',
      `Batch ${batch.id} belongs to dataset '${batch.dataset}', which has no folder under datasets/ any more.`,
    );
  }
  return dataset;
}
