import type { DurableClient } from 'durable-functions';
import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';
import { createAnnouncePublication } from './announce-publication.ts';
import { createAwaitBackfillPart } from './await-backfill-part.ts';
import { createAwaitJob } from './await-job.ts';
import { createAwaitPipeline } from './await-pipeline.ts';
import { createAwaitRefresh } from './await-refresh.ts';
import { createBeginBackfillPart } from './begin-backfill-part.ts';
import { createCancelJob } from './cancel-job.ts';
import { createCancelPipeline } from './cancel-pipeline.ts';
import { createCancelRefresh } from './cancel-refresh.ts';
import { createCheckQuality } from './check-quality.ts';
import { createConcludeTraining } from './conclude-training.ts';
import { createDriveRefresh } from './drive-refresh.ts';
import { createEndBackfill } from './end-backfill.ts';
import { createEndBatch } from './end-batch.ts';
import { createEndTraining } from './end-training.ts';
import { createFailPipeline } from './fail-pipeline.ts';
import { createFindSemanticModels } from './find-semantic-models.ts';
import { createGatherFiles } from './gather-files.ts';
import { createInspectFiles } from './inspect-files.ts';
import { createJudgeCanary } from './judge-canary.ts';
import { createLastBatchNumber } from './last-batch-number.ts';
import { createLoadWarehouse } from './load-warehouse.ts';
import { createOpenBackfill } from './open-backfill.ts';
import { createOpenTraining } from './open-training.ts';
import { createPublishInsights } from './publish-insights.ts';
import { createPublishWarehouse } from './publish-warehouse.ts';
import { createRecordRefresh } from './record-refresh.ts';
import { createRefreshDependents } from './refresh-dependents.ts';
import { createReopenBatch } from './reopen-batch.ts';
import { createRequestRefresh } from './request-refresh.ts';
import { createSettleSet } from './settle-set.ts';
import { createStartJob } from './start-job.ts';
import { createStartPipeline } from './start-pipeline.ts';
import { createStartRefresh } from './start-refresh.ts';
import { createUpsertInsights } from './upsert-insights.ts';

/** All activities over the clients that they need; `durable` starts orchestrations. */
export function createActivities(services: Services, durable: DurableClient): Activities {
  return {
    'last-batch-number': createLastBatchNumber(services),
    'gather-files': createGatherFiles(services),
    'settle-set': createSettleSet(services, durable),
    'inspect-files': createInspectFiles(services),
    'reopen-batch': createReopenBatch(services),
    'start-job': createStartJob(services),
    'await-job': createAwaitJob(services),
    'cancel-job': createCancelJob(services),
    'check-quality': createCheckQuality(services),
    'load-warehouse': createLoadWarehouse(services),
    'upsert-insights': createUpsertInsights(services),
    'publish-warehouse': createPublishWarehouse(services),
    'publish-insights': createPublishInsights(services),
    'announce-publication': createAnnouncePublication(services),
    'refresh-dependents': createRefreshDependents(services, durable),
    'end-batch': createEndBatch(services),
    'request-refresh': createRequestRefresh(durable),
    'open-training': createOpenTraining(services),
    'conclude-training': createConcludeTraining(services),
    'end-training': createEndTraining(services),
    'open-backfill': createOpenBackfill(services),
    'begin-backfill-part': createBeginBackfillPart(services, durable),
    'await-backfill-part': createAwaitBackfillPart(services),
    'judge-canary': createJudgeCanary(services),
    'end-backfill': createEndBackfill(services),
    'start-pipeline': createStartPipeline(services),
    'await-pipeline': createAwaitPipeline(services),
    'cancel-pipeline': createCancelPipeline(services),
    'fail-pipeline': createFailPipeline(services),
    'find-semantic-models': createFindSemanticModels(services),
    'drive-refresh': createDriveRefresh(durable),
    'start-refresh': createStartRefresh(services),
    'await-refresh': createAwaitRefresh(services),
    'cancel-refresh': createCancelRefresh(services),
    'record-refresh': createRecordRefresh(services),
  };
}
