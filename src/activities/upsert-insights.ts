import { parseInsightsResult } from '../shared/databricks/job-results.ts';
import { LandfallError } from '../shared/errors.ts';
import type { InsightValue } from '../shared/insights/insight-document.ts';
import { lakePaths } from '../shared/lake/paths.ts';
import { CONTAINERS } from '../shared/names.ts';
import type { Services } from '../shared/services.ts';
import { mapSome } from '../shared/some-at-once.ts';
import type { Activities } from './activities.ts';
import { datasetOf } from './dataset-of.ts';
import { recordStep } from './record-step.ts';

const INSIGHTS_AT_ONCE = 4;

/** Brings the insights that the job published in the lake to Cosmos DB, as the batch's version; nobody sees them yet. */
export function createUpsertInsights({
  datasets,
  lake,
  insights,
  publications,
  runs,
}: Pick<Services, 'datasets' | 'lake' | 'insights' | 'publications' | 'runs'>): Activities['upsert-insights'] {
  return async (batch) =>
    recordStep(
      runs,
      batch,
      'upsert',
      async () => {
        const { contract } = datasetOf(datasets, batch);
        const { insights: computed } = parseInsightsResult(
          await lake.readJson(CONTAINERS.lake, lakePaths.result(batch.id, 'insights', 1)),
        );
        const published = (await publications.get(batch.dataset))?.version ?? 0;
        if (published >= batch.number) {
          throw new LandfallError(
            'VersionTaken',
            `${batch.id} comes too late: version ${published} of '${batch.dataset}' is published.`,
          );
        }
        // Each is a partition of its own.
        const rows = await mapSome(computed, INSIGHTS_AT_ONCE, async ({ name }) => {
          const declared = contract.insights?.find((insight) => insight.name === name);
          if (declared === undefined) return 0;
          const lines = await lake.readText(CONTAINERS.lake, lakePaths.published(batch.dataset, batch.id, name));
          const found = lines
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => JSON.parse(line) as InsightValue);
          await insights.upsert({
            dataset: batch.dataset,
            insight: name,
            key: declared.key,
            rows: found,
            published,
            next: batch.number,
          });
          return found.length;
        });
        return rows.reduce((total, some) => total + some, 0);
      },
      (rows) => ({ rows }),
    );
}
