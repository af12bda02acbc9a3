import { parseInsightsResult } from '../shared/databricks/job-results.ts';
import { LandfallError } from '../shared/errors.ts';
import type { InsightValue } from '../shared/insights/insight-document.ts';
import { lakePaths } from '../shared/lake/paths.ts';
import { CONTAINERS } from '../shared/names.ts';
import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';
import { datasetOf } from './dataset-of.ts';
import { recordStep } from './record-step.ts';

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
        let total = 0;
        for (const { name } of computed) {
          const declared = contract.insights?.find((insight) => insight.name === name);
          if (declared === undefined) continue;
          const lines = await lake.readText(CONTAINERS.lake, lakePaths.published(batch.dataset, batch.id, name));
          const rows = lines
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => JSON.parse(line) as InsightValue);
          await insights.upsert({
            dataset: batch.dataset,
            insight: name,
            key: declared.key,
            rows,
            published,
            next: batch.number,
          });
          total += rows.length;
        }
        return total;
      },
      (rows) => ({ rows }),
    );
}
