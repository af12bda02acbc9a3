import * as df from 'durable-functions';
import type { ActivityInput, ActivityName } from '../activities/activities.ts';
import { createActivities } from '../activities/create-activities.ts';
import { intake } from '../entities/intake.ts';
import { admitFile } from '../orchestrators/admit-file.ts';
import { awaitSet } from '../orchestrators/await-set.ts';
import { lookAtSet } from '../orchestrators/look-at-set.ts';
import { processBatch, serveInsights, stageWarehouse } from '../orchestrators/process-batch.ts';
import { retrainModel } from '../orchestrators/retrain-model.ts';
import { runBackfill } from '../orchestrators/run-backfill.ts';
import { runDatabricksJob } from '../orchestrators/run-databricks-job.ts';
import { runPipeline } from '../orchestrators/run-pipeline.ts';

import { ENTITIES, ORCHESTRATORS } from '../shared/names.ts';
import { services } from '../shared/services.ts';
import { traceActivities } from '../shared/telemetry/trace-activities.ts';

/** The names are spelled out since functions are registered before any client exists. */
const ACTIVITIES: readonly ActivityName[] = [
  'last-batch-number',
  'gather-files',
  'settle-set',
  'inspect-files',
  'start-job',
  'await-job',
  'cancel-job',
  'check-quality',
  'load-warehouse',
  'upsert-insights',
  'publish-warehouse',
  'publish-insights',
  'end-batch',
  'announce-publication',
  'request-refresh',
  'open-training',
  'conclude-training',
  'end-training',
  'open-backfill',
  'begin-backfill-part',
  'await-backfill-part',
  'judge-canary',
  'end-backfill',
  'start-pipeline',
  'await-pipeline',
  'cancel-pipeline',
  'fail-pipeline',
  'reopen-batch',
  'refresh-dependents',
  'find-semantic-models',
  'drive-refresh',
  'start-refresh',
  'await-refresh',
  'cancel-refresh',
  'record-refresh',
];

df.app.orchestration(ORCHESTRATORS.admitFile, admitFile);
df.app.orchestration(ORCHESTRATORS.lookAtSet, lookAtSet);
df.app.orchestration(ORCHESTRATORS.awaitSet, awaitSet);
df.app.orchestration(ORCHESTRATORS.processBatch, processBatch);
df.app.orchestration(ORCHESTRATORS.stageWarehouse, stageWarehouse);
df.app.orchestration(ORCHESTRATORS.serveInsights, serveInsights);
df.app.orchestration(ORCHESTRATORS.runDatabricksJob, runDatabricksJob);
df.app.orchestration(ORCHESTRATORS.retrainModel, retrainModel);
df.app.orchestration(ORCHESTRATORS.runPipeline, runPipeline);
df.app.orchestration(ORCHESTRATORS.runBackfill, runBackfill);
df.app.entity(ENTITIES.intake, intake);

const durableClient = df.input.durableClient();
let activities: ReturnType<typeof createActivities> | undefined;

for (const name of ACTIVITIES) {
  df.app.activity(name, {
    extraInputs: [durableClient],
    handler: (input: ActivityInput<typeof name>, context) => {
      activities ??= traceActivities(createActivities(services(), df.getClient(context)), services());
      const activity = activities[name] as (input: unknown) => Promise<unknown>;
      return activity(input);
    },
  });
}
