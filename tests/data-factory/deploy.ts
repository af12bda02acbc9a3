import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatasetResource, LinkedServiceResource, PipelineResource, TriggerResource } from '@azure/arm-datafactory';
import { FACTORY, type Factory, GROUP } from '../emulators/data-factory/factory.ts';

export const ROOT = join(import.meta.dirname, '..', '..', 'data-factory');

/** A document of the factory as git holds it. */
export interface GitDocument {
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** The documents of one of the factory's folders. */
export function documentsOf(folder: string): GitDocument[] {
  return readdirSync(join(ROOT, folder))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(ROOT, folder, file), 'utf8')) as GitDocument);
}

/** Puts all of the project's documents into a factory, with global parameters of this place. */
export async function deploy({ client }: Factory, globals: Readonly<Record<string, string>>): Promise<void> {
  const globalParameters = Object.fromEntries(
    Object.entries(globals).map(([name, value]) => [name, { type: 'String' as const, value }]),
  );
  await client.factories.createOrUpdate(GROUP, FACTORY, { location: 'westeurope', globalParameters });
  for (const { name, properties } of documentsOf('linkedService')) {
    await client.linkedServices.createOrUpdate(GROUP, FACTORY, name, {
      properties,
    } as unknown as LinkedServiceResource);
  }
  for (const { name, properties } of documentsOf('dataset')) {
    await client.datasets.createOrUpdate(GROUP, FACTORY, name, { properties } as unknown as DatasetResource);
  }
  for (const { name, properties } of documentsOf('pipeline')) {
    // As in git but for the pauses between retries, which no test waits for.
    const text = JSON.stringify(properties).replace(/"retryIntervalInSeconds":\d+/g, '"retryIntervalInSeconds":0');
    await client.pipelines.createOrUpdate(GROUP, FACTORY, name, JSON.parse(text) as PipelineResource);
  }
  for (const { name, properties } of documentsOf('trigger')) {
    await client.triggers.createOrUpdate(GROUP, FACTORY, name, { properties } as unknown as TriggerResource);
  }
}
