import type { DurableClient } from 'durable-functions';
import { ORCHESTRATORS } from '../names.ts';
import type { Admission } from './batch.ts';
import { startOnce } from './start-once.ts';

/**
 * Asks a dataset's intake for a batch that scores and publishes again what is there. Wishes that come while a batch runs
 * become one.
 * @param why for the run's record, such as `planes-00000002 was published`
 * @param cause what makes the wish one, however often it is repeated
 */
export async function requestRefresh(
  client: DurableClient,
  dataset: string,
  why: string,
  cause: string,
): Promise<void> {
  const input: Admission = { dataset, refresh: why };
  await startOnce(client, ORCHESTRATORS.admitFile, `refresh-${dataset}-${cause}`, input);
}
