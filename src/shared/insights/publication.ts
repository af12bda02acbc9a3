import type { Container } from '@azure/cosmos';

/** The version of a dataset that readers see. */
export interface Publication {
  readonly id: string;
  readonly dataset: string;
  readonly version: number;
  readonly batch: string;
  readonly publishedAt: string;
  readonly insights: Readonly<Record<string, number>>;
}

/** Which version of each dataset is served. */
export interface Publications {
  get(dataset: string): Promise<Publication | undefined>;
  /** Moves the pointer forward; an older version than the served one changes nothing. */
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
      if (served !== undefined && served.version >= publication.version) return;
      await container.items.upsert<Publication>({ id: publication.dataset, ...publication });
    },
  };
}
