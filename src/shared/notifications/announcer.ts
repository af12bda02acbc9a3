import type { EventGridPublisherClient } from '@azure/eventgrid';

/** What subscribers learn of a publication. */
export interface DatasetPublished {
  readonly dataset: string;
  readonly version: number;
  readonly batch: string;
  readonly publishedAt: string;
  readonly rows: number;
  readonly insights: readonly string[];
}

/** The publication, and where it stands in a trace. */
export interface Announcement {
  readonly publication: DatasetPublished;
  readonly traceparent: string;
}

/** Tells the world that a dataset has a new version. */
export interface Announcer {
  datasetPublished(announcement: Announcement): Promise<void>;
}

/** Announces as CloudEvents of type `Landfall.DatasetPublished` on an Event Grid topic; the id is the batch, so a repeat can be told. */
export function createAnnouncer(client: EventGridPublisherClient<'CloudEvent'>): Announcer {
  return {
    async datasetPublished({ publication, traceparent }) {
      await client.send([
        {
          id: publication.batch,
          type: 'Landfall.DatasetPublished',
          source: `/landfall/datasets/${publication.dataset}`,
          subject: publication.dataset,
          time: new Date(publication.publishedAt),
          data: publication,
          extensionAttributes: { traceparent },
        },
      ]);
    },
  };
}
