import type { OrchestrationContext, Task } from 'durable-functions';
import type { Batch, Inspection, JobOutcome, JobRequest, QualityVerdict } from '../activities/activities.ts';
import { NO_ROWS } from '../shared/ledger/file-record.ts';
import { ORCHESTRATORS } from '../shared/names.ts';
import { callActivity } from './call-activity.ts';

/**
 * The story of a batch: inspect, cleanse, judge, score, then load the warehouse beside computing the insights, and
 * publish both as one version. A batch that fails leaves the version before it served.
 */
export function* processBatch(context: OrchestrationContext): Generator<Task, void, never> {
  const arrived: Batch = context.df.getInput();
  let rows = NO_ROWS;
  try {
    const { accepted, replaced, plan }: Inspection = yield callActivity(context, 'inspect-files', arrived);
    const batch: Batch = { ...arrived, files: accepted };
    if (accepted.length === 0) {
      yield callActivity(context, 'end-batch', { batch: arrived, status: 'unchanged', rows });
      return;
    }

    yield runJob(context, { batch, step: 'cleanse', attempt: 1 });
    const quality: QualityVerdict = yield callActivity(context, 'check-quality', batch);
    rows = quality.rows;
    if (!quality.passed) throw new Error(quality.reason);
    if (rows.loaded === 0 && replaced.length === 0) {
      yield callActivity(context, 'end-batch', { batch, status: 'unchanged', rows });
      return;
    }

    let scoring = 1;
    const scored: JobOutcome = yield runJob(context, { batch, step: 'score', attempt: scoring });
    if (scored.needsTraining) {
      const { trained }: JobOutcome = yield runJob(context, { batch, step: 'train', attempt: 1 });
      scoring = 2;
      yield runJob(context, { batch, step: 'score', attempt: scoring, skipModel: !trained });
    }

    const branches: Task[] = [];
    if (plan.warehouse) branches.push(callActivity(context, 'load-warehouse', { batch, attempt: scoring }));
    if (plan.insights)
      branches.push(context.df.callSubOrchestrator(ORCHESTRATORS.serveInsights, batch, `${batch.id}:serve`));
    if (branches.length > 0) yield context.df.Task.all(branches);

    const publishing = { batch, replaced, rows };
    if (plan.warehouse) yield callActivity(context, 'publish-warehouse', publishing);
    yield callActivity(context, 'publish-insights', publishing);
    yield callActivity(context, 'end-batch', { batch, status: 'succeeded', rows });
    yield callActivity(context, 'announce-publication', publishing);
  } catch (error) {
    yield callActivity(context, 'end-batch', { batch: arrived, status: 'failed', rows, error: causeOf(error) });
    throw error;
  }
}

/** Computes the insights of a batch and writes them, unseen, beside the published ones. */
export function* serveInsights(context: OrchestrationContext): Generator<Task, void, never> {
  const batch: Batch = context.df.getInput();
  yield runJob(context, { batch, step: 'insights', attempt: 1 });
  yield callActivity(context, 'upsert-insights', batch);
}

function runJob(context: OrchestrationContext, request: JobRequest): Task {
  return context.df.callSubOrchestrator(
    ORCHESTRATORS.runDatabricksJob,
    request,
    `${request.batch.id}:${request.step}:${request.attempt}`,
  );
}

/** What went wrong at the bottom: Durable Functions puts a sentence in front for each function that it passed through. */
function causeOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [first = message] = message.split(/\s*\n\s*(?=(?:Orchestrator|Activity) function ')/);
  return first.replaceAll(/(?:Orchestrator|Activity) function '[^']+' failed: (?:Error: )?/g, '');
}
