import * as df from 'durable-functions';
import { resumePipelineRuns } from '../shared/data-factory/drive-pipeline-run.ts';
import { sweep } from '../shared/ledger/sweep.ts';
import { adoptRefreshes } from '../shared/semantic-model/adopt-refreshes.ts';
import { services } from '../shared/services.ts';

const OVERLAP_MILLISECONDS = 60 * 60 * 1000;

/** Takes up what was left behind since the last sweep: what no event announced, what was interrupted. */
df.app.client.timer('sweep-landing', {
  schedule: '%SWEEP_SCHEDULE%',
  retry: { strategy: 'fixedDelay', maxRetryCount: 3, delayInterval: { seconds: 10 } },
  handler: async (timer, client, context) => {
    const last = Date.parse(timer.scheduleStatus?.last ?? '');
    const since = new Date(Number.isNaN(last) ? 0 : Math.max(0, last - OVERLAP_MILLISECONDS));
    const { files, restarted, orphans } = await sweep(services(), client, since);
    const pipelines = await resumePipelineRuns(services(), client);
    const refreshes = await adoptRefreshes(services(), client);
    context.info(
      `swept ${files} files since ${since.toISOString()}: ${restarted} arrivals started again, ${orphans} batches and ${refreshes} refreshes of the model adopted, ${pipelines} pipeline runs open`,
    );
  },
});
