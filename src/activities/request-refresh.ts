import type { DurableClient } from 'durable-functions';
import { requestRefresh } from '../shared/ledger/request-refresh.ts';
import type { Activities } from './activities.ts';

/** Has the intake score and publish again what a dataset has, after the batch that runs. */
export function createRequestRefresh(durable: DurableClient): Activities['request-refresh'] {
  return async ({ dataset, why, cause }) => {
    await requestRefresh(durable, dataset, why, cause);
    return null;
  };
}
