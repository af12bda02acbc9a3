import { parseInsightsResult, parseScoreResult } from '../shared/databricks/job-results.ts';
import { dataVersion } from '../shared/insights/publication.ts';
import { lakePaths } from '../shared/lake/paths.ts';
import { scoringStep } from '../shared/ledger/batch.ts';
import { CONTAINERS } from '../shared/names.ts';
import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';
import { datasetOf } from './dataset-of.ts';

/** Moves the pointer by which the API serves a dataset to the batch's version: one write, seen as a whole. */
export function createPublishInsights({
  datasets,
  lake,
  publications,
}: Pick<Services, 'datasets' | 'lake' | 'publications'>): Activities['publish-insights'] {
  return async ({ batch, attempt }) => {
    const { contract } = datasetOf(datasets, batch);
    const insights =
      (contract.insights ?? []).length === 0
        ? []
        : parseInsightsResult(await lake.readJson(CONTAINERS.lake, lakePaths.result(batch.id, 'insights', 1))).insights;
    const { silverVersion, evolved } = parseScoreResult(
      await lake.readJson(CONTAINERS.lake, lakePaths.result(batch.id, scoringStep(batch), attempt)),
    );
    const before = await publications.get(batch.dataset);
    await publications.publish({
      dataset: batch.dataset,
      version: batch.number,
      batch: batch.id,
      publishedAt: new Date().toISOString(),
      ...(silverVersion === undefined ? {} : { silverVersion }),
      ...(evolved.length === 0 ? {} : { evolved }),
      insights: Object.fromEntries(insights.map(({ name, rows }) => [name, rows])),
      // A batch without files brings other scores, no other rows.
      dataVersion: batch.refresh === undefined || before === undefined ? batch.number : dataVersion(before),
      modelVersions: Object.fromEntries(
        insights
          .filter((insight) => insight.modelVersions.length > 0)
          .map((insight) => [insight.name, insight.modelVersions]),
      ),
    });
    return null;
  };
}
