import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';
import { modelIn } from './start-refresh.ts';

/** Cancels a refresh; one that has ended stays as it is. */
export function createCancelRefresh({
  semanticModels,
}: Pick<Services, 'semanticModels'>): Activities['cancel-refresh'] {
  return async ({ service, id }) => {
    await modelIn(semanticModels, service).cancelRefresh(id);
    return null;
  };
}
