import type { DurableClient } from 'durable-functions';
import { isAlive } from '../ledger/is-alive.ts';
import { startOnce } from '../ledger/start-once.ts';
import { ORCHESTRATORS } from '../names.ts';
import type { RunRecord } from '../runs/run-record.ts';
import type { Services } from '../services.ts';
import type { Training } from './training.ts';

/**
 * Starts a training unless it was started before; tells whether it did. Durable Functions would run an instance that has
 * ended once more under the same id: so the run log is asked first, and `open-training` asks it again, for the case that
 * the other one ends in between.
 */
export async function startTraining(
  { runs }: Pick<Services, 'runs'>,
  client: DurableClient,
  training: Training,
): Promise<boolean> {
  const known = await runs.get(training.dataset, training.id);
  if (known !== undefined && known.status !== 'running') return false;
  return startOnce(client, ORCHESTRATORS.retrainModel, training.id, training);
}

/** The training of a dataset that is under way, if there is one: its record says so, and its instance lives. */
export async function trainingUnderWay(
  { runs }: Pick<Services, 'runs'>,
  client: DurableClient,
  dataset: string,
): Promise<RunRecord | undefined> {
  const { items } = await runs.list({ datasets: [dataset], kind: 'training', status: 'running' }, 10);
  for (const run of items) if (await isAlive(client, run.id)) return run;
  return undefined;
}
