import * as df from 'durable-functions';
import { startPipelineRun, TIME_LIMIT_SECONDS } from '../shared/data-factory/drive-pipeline-run.ts';
import { NIGHTLY_PIPELINE } from '../shared/names.ts';
import { services } from '../shared/services.ts';

/** Copies the reference tables, once for each date: a timer that fires again finds the run of that date. */
df.app.client.timer('nightly-copy', {
  schedule: '%COPY_SCHEDULE%',
  retry: { strategy: 'fixedDelay', maxRetryCount: 3, delayInterval: { seconds: 10 } },
  handler: async (_timer, client, context) => {
    const date = new Date().toISOString().slice(0, 10);
    const request = {
      id: `${NIGHTLY_PIPELINE}-${date}`,
      pipeline: NIGHTLY_PIPELINE,
      parameters: {},
      timeLimitSeconds: TIME_LIMIT_SECONDS,
    };
    const { id, status, startedAt } = await startPipelineRun(services(), client, request, 'schedule');
    context.info(`pipeline run ${id}, asked for at ${startedAt}: ${status}`);
  },
});
