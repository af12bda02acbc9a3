import type { DurableClient } from 'durable-functions';
import { dependsOn } from '../shared/contracts/depends-on.ts';
import { requestRefresh } from '../shared/ledger/request-refresh.ts';
import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';

/**
 * Has every published dataset that combines the batch's one scored and published again, so that what changed in a
 * reference reaches the insights.
 */
export function createRefreshDependents(
  { datasets, publications }: Pick<Services, 'datasets' | 'publications'>,
  durable: DurableClient,
): Activities['refresh-dependents'] {
  return async (batch) => {
    const dependents = datasets.all
      .map(({ contract }) => contract)
      .filter((contract) => dependsOn(contract, batch.dataset));
    const refreshed: string[] = [];
    for (const { dataset } of dependents) {
      if ((await publications.get(dataset)) === undefined) continue; // its first batch will see the reference
      await requestRefresh(durable, dataset, `${batch.id} was published`, batch.id);
      refreshed.push(dataset);
    }
    return refreshed;
  };
}
