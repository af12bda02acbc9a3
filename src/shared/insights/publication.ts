import type { Container } from '@azure/cosmos';
import type { EvolvedColumn } from '../contracts/evolved-columns.ts';
import { LandfallError } from '../errors.ts';

/** The version of a dataset that readers see. */
export interface Publication {
  readonly id: string;
  readonly dataset: string;
  readonly version: number;
  readonly batch: string;
  readonly publishedAt: string;
  /** Delta version of the silver table as this batch left it: what jobs build on. */
  readonly silverVersion?: number;
  /** Columns that files brought and the contract does not name: part of the dataset as of this version. */
  readonly evolved?: readonly EvolvedColumn[];
  readonly insights: Readonly<Record<string, number>>;
  /** The version at which rows changed last: one that only brought other scores does not count. */
  readonly dataVersion?: number;
  /** Versions of the model behind the scores in each insight that has any: one, unless rows wait to be scored again. */
  readonly modelVersions?: Readonly<Record<string, readonly string[]>>;
}

/** The version at which the rows of a publication changed last. */
export function dataVersion(publication: Publication): number {
  return publication.dataVersion ?? publication.version;
}

/** All versions of the model that published scores come from. */
export function modelVersions(publication: Publication): readonly string[] {
  return [...new Set(Object.values(publication.modelVersions ?? {}).flat())].sort();
}

/** Whether some published scores come from another model than the champion. */
export function areScoresStale(publication: Publication, champion: string): boolean {
  return modelVersions(publication).some((version) => version !== champion);
}

/** Which version of each dataset is served. */
export interface Publications {
  get(dataset: string): Promise<Publication | undefined>;
  /** Moves the pointer forward; repeating it changes nothing. @throws LandfallError when another batch has the version */
  publish(publication: Omit<Publication, 'id'>): Promise<void>;
}

/** Publications in a Cosmos DB container whose partition key is the dataset: one document a dataset. */
export function createPublications(container: Container): Publications {
  const get: Publications['get'] = async (dataset) =>
    (await container.item(dataset, dataset).read<Publication>()).resource;
  return {
    get,
    async publish(publication) {
      const served = await get(publication.dataset);
      if (served?.batch === publication.batch) return;
      if (served !== undefined && served.version >= publication.version) {
        throw new LandfallError(
          'VersionTaken',
          `Version ${publication.version} of '${publication.dataset}' cannot be published: ${served.batch} published version ${served.version} already.`,
        );
      }
      await container.items.upsert<Publication>({ id: publication.dataset, ...publication });
    },
  };
}
