import type { Dataset, Model } from '../contracts/contract.ts';
import type { Datasets } from '../contracts/load-datasets.ts';
import { LandfallError } from '../errors.ts';

/** A dataset and the model that its contract declares. @throws LandfallError `NoModel` when there is none */
export function modelOf(datasets: Datasets, name: string): { readonly dataset: Dataset; readonly model: Model } {
  const dataset = datasets.get(name);
  const model = dataset?.contract.model;
  if (dataset === undefined || model === undefined)
    throw new LandfallError('NoModel', `No contract under datasets/ declares a model for '${name}'.`);
  return { dataset, model };
}

/** The datasets that have a model. */
export function datasetsWithModel(datasets: Datasets): readonly string[] {
  return datasets.all.filter(({ contract }) => contract.model !== undefined).map(({ contract }) => contract.dataset);
}
