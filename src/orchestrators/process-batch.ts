import type { OrchestrationContext, Task } from 'durable-functions';
import type {
  Announcement,
  Inspection,
  JobOutcome,
  JobRequest,
  QualityVerdict,
  StepRef,
} from '../activities/activities.ts';
import { type Batch, scoringStep } from '../shared/ledger/batch.ts';
import { NO_ROWS } from '../shared/ledger/file-record.ts';
import { ORCHESTRATORS } from '../shared/names.ts';
import { callActivity, callUntilDone } from './call-activity.ts';
import { causeOf } from './cause-of.ts';
import { requestModelRefresh } from './request-model-refresh.ts';

/**
 * The story of a batch: inspect, cleanse, judge, score, then load the warehouse beside computing the insights, and
 * publish both as one version. A batch without files scores all rows again. One that fails leaves the version before it
 * served.
 */
export function* processBatch(context: OrchestrationContext): Generator<Task, void, never> {
  const arrived: Batch = context.df.getInput();
  let rows = NO_ROWS;
  let published: Announcement;
  let rescore = false;
  try {
    const { files, replacesRows, plan }: Inspection = yield callActivity(context, 'inspect-files', arrived);
    let batch: Batch = { ...arrived, files };
    if (arrived.refresh === undefined) {
      if (files.count === 0) {
        yield callUntilDone(context, 'end-batch', { batch: arrived, status: 'unchanged', rows });
        return;
      }
      yield runJob(context, { batch, step: 'cleanse', attempt: 1 });
      const quality: QualityVerdict = yield callActivity(context, 'check-quality', batch);
      rows = quality.rows;
      if (!quality.passed) throw new Error(quality.reason);
      batch = { ...batch, files: quality.files };
      if (quality.files.count === 0 || (rows.loaded === 0 && !replacesRows)) {
        if (quality.files.count > 0 && rows.duplicates + rows.superseded > 0) {
          // They lost to rows that may go: kept in reserve, they then come back.
          yield runJob(context, { batch, step: 'score', attempt: 1, skipModel: true, unpublished: true });
        }
        yield callUntilDone(context, 'end-batch', { batch, status: 'unchanged', rows });
        return;
      }
    }

    let scoring = 1;
    const step = scoringStep(batch);
    const scored: JobOutcome = yield runJob(context, { batch, step, attempt: scoring });
    if (scored.needsTraining) {
      const first: JobOutcome = yield runJob(context, { batch, step: 'train', attempt: 1 });
      scoring = 2;
      // A refresh scores all rows itself; a batch of files scores its own, and leaves those of before to a refresh.
      rescore = first.rescore === true && arrived.refresh === undefined;
      yield runJob(context, { batch, step, attempt: scoring, skipModel: !first.trained });
    }

    const branches: Task[] = [];
    const ref = { batch, attempt: scoring };
    if (plan.warehouse) branches.push(branch(context, ORCHESTRATORS.stageWarehouse, ref));
    if (plan.insights) branches.push(branch(context, ORCHESTRATORS.serveInsights, ref));
    const failures: (string | null)[] = branches.length === 0 ? [] : yield context.df.Task.all(branches);
    const failed = failures.filter((failure) => failure !== null);
    if (failed.length > 0) throw new Error(failed.join('; '));

    if (plan.warehouse) yield callActivity(context, 'publish-warehouse', ref);
    // From here on there is no way back: the warehouse shows the batch already.
    yield callUntilDone(context, 'publish-insights', ref);
    yield callUntilDone(context, 'end-batch', { batch, status: 'succeeded', rows });
    published = { batch, rows };
  } catch (error) {
    yield callUntilDone(context, 'end-batch', { batch: arrived, status: 'failed', rows, error: causeOf(error) });
    throw error;
  }
  yield callUntilDone(context, 'refresh-dependents', published.batch);
  if (rescore) {
    const { dataset, id } = published.batch;
    yield callUntilDone(context, 'request-refresh', { dataset, why: `${id} trained a model anew`, cause: id });
  }
  yield* requestModelRefresh(context, published.batch);
  // What is published is published: that the news of it cannot be told must not undo it.
  try {
    yield callActivity(context, 'announce-publication', published);
  } catch (error) {
    context.warn(`${published.batch.id} is published but could not be announced: ${causeOf(error)}`);
  }
}

/** Loads the scored rows into the warehouse's staging table. Gives what went wrong, or null. */
export function* stageWarehouse(context: OrchestrationContext): Generator<Task, string | null, never> {
  const ref: StepRef = context.df.getInput();
  try {
    yield callActivity(context, 'load-warehouse', ref);
    return null;
  } catch (error) {
    return causeOf(error);
  }
}

/** Computes the insights of a batch and writes them, unseen, beside the published ones. Gives what went wrong, or null. */
export function* serveInsights(context: OrchestrationContext): Generator<Task, string | null, never> {
  const { batch }: StepRef = context.df.getInput();
  try {
    yield runJob(context, { batch, step: 'insights', attempt: 1 });
    yield callActivity(context, 'upsert-insights', batch);
    return null;
  } catch (error) {
    return causeOf(error);
  }
}

/**
 * A part of the story that goes on beside another. It tells its failure instead of throwing, so that both have ended
 * before the batch ends: nothing of a failed batch may still be at work when the next one begins.
 */
function branch(context: OrchestrationContext, name: string, ref: StepRef): Task {
  return context.df.callSubOrchestrator(name, ref, `${ref.batch.id}:${name}`);
}

function runJob(context: OrchestrationContext, request: JobRequest): Task {
  return context.df.callSubOrchestrator(
    ORCHESTRATORS.runDatabricksJob,
    request,
    `${request.batch.id}:${request.step}:${request.attempt}`,
  );
}
