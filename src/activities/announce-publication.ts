import type { Services } from '../shared/services.ts';
import { batchPlace, formatTraceparent } from '../shared/telemetry/span-place.ts';
import type { Activities } from './activities.ts';

/** Announces the publication on the app's Event Grid topic. */
export function createAnnouncePublication({
  announcer,
  publications,
}: Pick<Services, 'announcer' | 'publications'>): Activities['announce-publication'] {
  return async ({ batch, rows }) => {
    const publication = await publications.get(batch.dataset);
    await announcer.datasetPublished({
      publication: {
        dataset: batch.dataset,
        version: batch.number,
        batch: batch.id,
        publishedAt: publication?.publishedAt ?? new Date().toISOString(),
        rows: rows.loaded,
        insights: Object.keys(publication?.insights ?? {}),
      },
      traceparent: formatTraceparent(batchPlace(batch)),
    });
    return null;
  };
}
