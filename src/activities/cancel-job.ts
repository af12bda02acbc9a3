import { setTimeout as sleep } from 'node:timers/promises';
import { LandfallError } from '../shared/errors.ts';
import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';

const WITHIN_MILLISECONDS = 60_000;

/** Cancels a run and stays until it has ended. Throws, and so is repeated, while it has not. */
export function createCancelJob({
  databricks,
  pollMilliseconds,
}: Pick<Services, 'databricks' | 'pollMilliseconds'>): Activities['cancel-job'] {
  return async (runId) => {
    await databricks.cancelRun(runId);
    const until = Date.now() + WITHIN_MILLISECONDS;
    while ((await databricks.getRun(runId)).state === 'active') {
      if (Date.now() > until)
        throw new LandfallError('RunNotCancelled', `Databricks run ${runId} goes on after it was cancelled.`);
      await sleep(pollMilliseconds);
    }
    return null;
  };
}
