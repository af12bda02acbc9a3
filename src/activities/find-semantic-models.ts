import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';

/** The services whose copy of the model a dataset's publication makes stale: none when it has no table in the warehouse. */
export function createFindSemanticModels({
  datasets,
  semanticModels,
}: Pick<Services, 'datasets' | 'semanticModels'>): Activities['find-semantic-models'] {
  return async (dataset) => (datasets.get(dataset)?.contract.warehouse === undefined ? [] : semanticModels.configured);
}
