import { CosmosClient } from '@azure/cosmos';
import { COSMOS_CONTAINERS } from '../../src/shared/names.ts';
import type { Settings } from '../stack/endpoints.ts';

/** Makes the Cosmos DB database and its containers, each unless it exists. */
export async function provisionCosmos(settings: Settings): Promise<void> {
  const client = new CosmosClient({ endpoint: settings.COSMOS_ENDPOINT ?? '', key: settings.COSMOS_KEY ?? '' });
  const { database } = await client.databases.createIfNotExists({ id: settings.COSMOS_DATABASE ?? '' });
  await Promise.all(
    Object.values(COSMOS_CONTAINERS).map((container) => database.containers.createIfNotExists(container)),
  );
}
