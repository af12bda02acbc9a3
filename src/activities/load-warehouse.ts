import { withEvolved } from '../shared/contracts/evolved-columns.ts';
import { parseScoreResult } from '../shared/databricks/job-results.ts';
import { LandfallError } from '../shared/errors.ts';
import { lakePaths } from '../shared/lake/paths.ts';
import { scoringStep } from '../shared/ledger/batch.ts';
import { CONTAINERS } from '../shared/names.ts';
import type { Services } from '../shared/services.ts';
import { stagingColumns } from '../shared/warehouse/statements.ts';
import type { Activities } from './activities.ts';
import { datasetOf } from './dataset-of.ts';
import { recordStep } from './record-step.ts';

/** Loads the scored rows into the warehouse's staging table and checks that all of them came. */
export function createLoadWarehouse({
  datasets,
  lake,
  warehouse,
  runs,
}: Pick<Services, 'datasets' | 'lake' | 'warehouse' | 'runs'>): Activities['load-warehouse'] {
  return async ({ batch, attempt }) =>
    recordStep(
      runs,
      batch,
      'load',
      async () => {
        const scored = parseScoreResult(
          await lake.readJson(CONTAINERS.lake, lakePaths.result(batch.id, scoringStep(batch), attempt)),
        );
        const { contract } = withEvolved(datasetOf(datasets, batch), scored.evolved);
        const expected = stagingColumns(contract).map((column) => column.name);
        if (expected.join() !== scored.columns.join()) {
          throw new LandfallError(
            'StagedColumnsDiffer',
            `The score job staged the columns ${scored.columns.join(', ')}; the warehouse expects ${expected.join(', ')}.`,
          );
        }
        const loaded = await warehouse.load(
          contract,
          lake.copyUrl(CONTAINERS.lake, `${lakePaths.scored(batch.dataset, batch.id)}/*.parquet`),
        );
        if (loaded !== scored.rows) {
          throw new LandfallError(
            'RowsLost',
            `The score job staged ${scored.rows} rows, the warehouse loaded ${loaded}.`,
          );
        }
        return loaded;
      },
      (rows) => ({ rows }),
    );
}
