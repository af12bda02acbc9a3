import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DataFactoryManagementClient,
  type DatasetResource,
  type LinkedServiceResource,
  type PipelineResource,
  type TriggerResource,
} from '@azure/arm-datafactory';
import { DefaultAzureCredential } from '@azure/identity';
import { ROOT, setting } from './environment.ts';

interface GitDocument {
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A factory, and a client that may write it. */
export interface FactoryTarget {
  readonly client: DataFactoryManagementClient;
  readonly group: string;
  readonly factory: string;
  readonly keyVaultUri: string;
}

/**
 * Puts the documents of data-factory/ into a factory, in the order in which they refer to each other. Its global
 * parameters and its own identity are infra/modules/data-factory.bicep's. A trigger that runs is stopped to be changed,
 * and started again; a new one stays stopped until somebody starts it.
 */
export async function publishFactory({ client, group, factory, keyVaultUri }: FactoryTarget): Promise<void> {
  for (const { name, properties } of documents('linkedService')) {
    const placed =
      properties.type === 'AzureKeyVault' ? { ...properties, typeProperties: { baseUrl: keyVaultUri } } : properties;
    await client.linkedServices.createOrUpdate(group, factory, name, {
      properties: placed,
    } as unknown as LinkedServiceResource);
  }
  for (const { name, properties } of documents('dataset'))
    await client.datasets.createOrUpdate(group, factory, name, { properties } as unknown as DatasetResource);
  for (const { name, properties } of documents('pipeline'))
    await client.pipelines.createOrUpdate(group, factory, name, properties as unknown as PipelineResource);
  const started = new Set<string>();
  for await (const { name, properties } of client.triggers.listByFactory(group, factory))
    if (name !== undefined && properties.runtimeState === 'Started') started.add(name);
  for (const { name, properties } of documents('trigger')) {
    if (started.has(name)) await client.triggers.beginStopAndWait(group, factory, name);
    await client.triggers.createOrUpdate(group, factory, name, { properties } as unknown as TriggerResource);
    if (started.has(name)) await client.triggers.beginStartAndWait(group, factory, name);
  }
}

/** Publishes as whoever is logged in to the factory of this azd environment. */
export function publishToEnvironment(): Promise<void> {
  return publishFactory({
    client: new DataFactoryManagementClient(new DefaultAzureCredential(), setting('AZURE_SUBSCRIPTION_ID')),
    group: setting('AZURE_RESOURCE_GROUP'),
    factory: setting('DATA_FACTORY_NAME'),
    keyVaultUri: setting('KEY_VAULT_URI'),
  });
}

function documents(folder: string): GitDocument[] {
  return readdirSync(join(ROOT, 'data-factory', folder))
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(ROOT, 'data-factory', folder, file), 'utf8')) as GitDocument);
}
