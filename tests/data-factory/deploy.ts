import { join } from 'node:path';
import type { PipelineResource } from '@azure/arm-datafactory';
import { type FactoryDocument, factoryDocuments, publishFactory } from '../../scripts/provision/factory-documents.ts';
import { FACTORY, type Factory, GROUP } from '../emulators/data-factory/factory.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..');
export const ROOT = join(REPOSITORY, 'data-factory');

/** The documents of one of the factory's folders. */
export function documentsOf(folder: string): FactoryDocument[] {
  return factoryDocuments(REPOSITORY, folder);
}

/** Puts all of the project's documents into a factory, with global parameters of this place. */
export async function deploy({ client }: Factory, globals: Readonly<Record<string, string>>): Promise<void> {
  const globalParameters = Object.fromEntries(
    Object.entries(globals).map(([name, value]) => [name, { type: 'String' as const, value }]),
  );
  await client.factories.createOrUpdate(GROUP, FACTORY, { location: 'westeurope', globalParameters });
  await publishFactory(REPOSITORY, {
    client,
    group: GROUP,
    factory: FACTORY,
    keyVaultUri: 'https://kv-1.vault.azure.net/',
  });
  for (const { name, properties } of documentsOf('pipeline')) {
    // As in git but for the pauses between retries, which no test waits for.
    const text = JSON.stringify(properties).replace(/"retryIntervalInSeconds":\d+/g, '"retryIntervalInSeconds":0');
    await client.pipelines.createOrUpdate(GROUP, FACTORY, name, JSON.parse(text) as PipelineResource);
  }
}
