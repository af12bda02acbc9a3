import { type DurableClient, EntityId } from 'durable-functions';
import type { RefreshDriver } from '../../activities/activities.ts';
import type { RefreshState } from '../../entities/semantic-model.ts';
import { isAlive } from '../ledger/is-alive.ts';
import { startOnce } from '../ledger/start-once.ts';
import { ENTITIES, ORCHESTRATORS } from '../names.ts';
import type { Services } from '../services.ts';

/** Starts another driver for each refresh whose driver was terminated or purged. Gives how many; safe to repeat. */
export async function adoptRefreshes(
  { semanticModels }: Pick<Services, 'semanticModels'>,
  client: DurableClient,
): Promise<number> {
  let adopted = 0;
  for (const service of semanticModels.configured) {
    const entity = new EntityId(ENTITIES.semanticModel, service);
    const lost = (await client.readEntityState<RefreshState>(entity)).entityState?.driver ?? null;
    if (lost === null || (await isAlive(client, lost))) continue;
    const driver = `adopt-${lost}`;
    const input: RefreshDriver = { service, driver, replaces: lost };
    if (await startOnce(client, ORCHESTRATORS.refreshSemanticModel, driver, input)) adopted++;
  }
  return adopted;
}
