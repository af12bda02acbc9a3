import type { Services } from '../shared/services.ts';
import type { Activities, ClientActivityName } from './activities.ts';
import { createAnnouncePublication } from './announce-publication.ts';
import { createAwaitJob } from './await-job.ts';
import { createAwaitRefresh } from './await-refresh.ts';
import { createCancelJob } from './cancel-job.ts';
import { createCancelRefresh } from './cancel-refresh.ts';
import { createCheckQuality } from './check-quality.ts';
import { createEndBatch } from './end-batch.ts';
import { createFindSemanticModels } from './find-semantic-models.ts';
import { createInspectFiles } from './inspect-files.ts';
import { createLastBatchNumber } from './last-batch-number.ts';
import { createLoadWarehouse } from './load-warehouse.ts';
import { createPublishInsights } from './publish-insights.ts';
import { createPublishWarehouse } from './publish-warehouse.ts';
import { createRecordRefresh } from './record-refresh.ts';
import { createStartJob } from './start-job.ts';
import { createStartRefresh } from './start-refresh.ts';
import { createUpsertInsights } from './upsert-insights.ts';

/** All activities over the clients that they need, but for those that need the durable client. */
export function createActivities(services: Services): Omit<Activities, ClientActivityName> {
  return {
    'last-batch-number': createLastBatchNumber(services),
    'inspect-files': createInspectFiles(services),
    'start-job': createStartJob(services),
    'await-job': createAwaitJob(services),
    'cancel-job': createCancelJob(services),
    'check-quality': createCheckQuality(services),
    'load-warehouse': createLoadWarehouse(services),
    'upsert-insights': createUpsertInsights(services),
    'publish-warehouse': createPublishWarehouse(services),
    'publish-insights': createPublishInsights(services),
    'announce-publication': createAnnouncePublication(services),
    'end-batch': createEndBatch(services),
    'find-semantic-models': createFindSemanticModels(services),
    'start-refresh': createStartRefresh(services),
    'await-refresh': createAwaitRefresh(services),
    'cancel-refresh': createCancelRefresh(services),
    'record-refresh': createRecordRefresh(services),
  };
}
