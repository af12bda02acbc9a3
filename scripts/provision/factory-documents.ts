import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  DataFactoryManagementClient,
  DatasetResource,
  LinkedServiceResource,
  PipelineResource,
  TriggerResource,
} from '@azure/arm-datafactory';

/** A document of the factory as git holds it. */
export interface FactoryDocument {
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

/** The documents of one folder of data-factory/, in order of their names. */
export function factoryDocuments(root: string, folder: string): FactoryDocument[] {
  const path = join(root, 'data-factory', folder);
  return readdirSync(path)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(path, file), 'utf8')) as FactoryDocument);
}

/**
 * Puts the documents of data-factory/ into a factory, in the order in which they refer to each other. Its global
 * parameters and its own identity are another's business. A trigger that runs is stopped to be changed, and started
 * again; a new one stays stopped until somebody starts it.
 */
export async function publishFactory(
  root: string,
  { client, group, factory, keyVaultUri }: FactoryTarget,
): Promise<void> {
  const documents = (folder: string) => factoryDocuments(root, folder);
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
