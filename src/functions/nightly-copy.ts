import * as df from 'durable-functions';
import { startPipelineRun, TIME_LIMIT_SECONDS } from '../shared/data-factory/drive-pipeline-run.ts';
import { NIGHTLY_PIPELINE } from '../shared/names.ts';
import { nightOf } from '../shared/night-of.ts';
import { services } from '../shared/services.ts';

/** Copies the reference tables, once for each date: a timer that fires again finds the run of that date. */
df.app.client.timer('nightly-copy', {
  schedule: '%COPY_SCHEDULE%',
  retry: { strategy: 'fixedDelay', maxRetryCount: 3, delayInterval: { seconds: 10 } },
  handler: async (timer, client, context) => {
    const app = services();
    if (!app.pipelines.isConfigured) {
      context.info('no data factory is configured: there is nothing to copy');
      return;
    }
    const date = nightOf(new Date(), timer.scheduleStatus?.next);
    const request = {
      id: `${NIGHTLY_PIPELINE}-${date}`,
      pipeline: NIGHTLY_PIPELINE,
      parameters: {},
      timeLimitSeconds: TIME_LIMIT_SECONDS,
    };
    const { id, status, startedAt } = await startPipelineRun(app, client, request, 'schedule');
    context.info(`pipeline run ${id}, asked for at ${startedAt}: ${status}`);
  },
});
