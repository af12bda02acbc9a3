import type { DurableClient } from 'durable-functions';
import { startOnce } from '../shared/ledger/start-once.ts';
import { ORCHESTRATORS } from '../shared/names.ts';
import type { Activities } from './activities.ts';

/** Starts the orchestration that refreshes the model; it goes on beside the batch that asked for it. */
export function createDriveRefresh(durable: DurableClient): Activities['drive-refresh'] {
  return async (input) => {
    await startOnce(durable, ORCHESTRATORS.refreshSemanticModel, input.driver, input);
    return null;
  };
}
