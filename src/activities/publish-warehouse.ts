import { withEvolved } from '../shared/contracts/evolved-columns.ts';
import { parseScoreResult } from '../shared/databricks/job-results.ts';
import { lakePaths } from '../shared/lake/paths.ts';
import { scoringStep } from '../shared/ledger/batch.ts';
import { readFiles } from '../shared/ledger/file-lists.ts';
import { CONTAINERS } from '../shared/names.ts';
import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';
import { datasetOf } from './dataset-of.ts';
import { recordStep } from './record-step.ts';

/** Makes the staged rows the warehouse's, in one short transaction. */
export function createPublishWarehouse({
  datasets,
  lake,
  warehouse,
  runs,
}: Pick<Services, 'datasets' | 'lake' | 'warehouse' | 'runs'>): Activities['publish-warehouse'] {
  return async ({ batch, attempt }) =>
    recordStep(runs, batch, 'publish', async () => {
      const { rows, evolved } = parseScoreResult(
        await lake.readJson(CONTAINERS.lake, lakePaths.result(batch.id, scoringStep(batch), attempt)),
      );
      const paths = (await readFiles(lake, batch)).map(({ path }) => path);
      const { contract } = withEvolved(datasetOf(datasets, batch), evolved);
      await warehouse.publish(contract, batch, paths, rows);
      return null;
    });
}
