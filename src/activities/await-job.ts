import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabricksClient, DatabricksRun } from '../shared/databricks/databricks-client.ts';
import {
  parseCleanseResult,
  parseInsightsResult,
  parseScoreResult,
  parseTrainResult,
  parseWarnings,
} from '../shared/databricks/job-results.ts';
import { lakePaths } from '../shared/lake/paths.ts';
import { addRows } from '../shared/ledger/file-record.ts';
import { CONTAINERS, type JobStep } from '../shared/names.ts';
import type { StepRecord } from '../shared/runs/run-record.ts';
import type { Services } from '../shared/services.ts';
import type { Activities, JobOutcome } from './activities.ts';
import { timed } from './record-step.ts';

/** How long one activity stays with a run: short jobs are followed closely, long ones by the orchestrator's timers. */
const STAY_MILLISECONDS = 5_000;

/** How often the log is asked whether somebody wants the batch cancelled. */
const CANCEL_CHECK_MILLISECONDS = 500;

/**
 * Follows a run for a few seconds, and cancels it when its batch is to be cancelled. When it has ended the step is
 * recorded and what the story needs of its result is told.
 */
export function createAwaitJob({
  lake,
  databricks,
  runs,
  pollMilliseconds,
}: Pick<Services, 'lake' | 'databricks' | 'runs' | 'pollMilliseconds'>): Activities['await-job'] {
  return async ({ request: { batch, step, attempt }, runId }) => {
    const isUnwanted = async (): Promise<boolean> =>
      (await runs.get(batch.dataset, batch.id))?.cancelRequested === true;
    const run = await follow(databricks, runId, pollMilliseconds, isUnwanted);
    if (run.state === 'active') return { state: 'active', message: '', needsTraining: false, trained: false };
    if (run.state !== 'succeeded') {
      const error = await databricks.errorOf(runId);
      return {
        state: run.state,
        message: `${step}: ${error === '' ? run.message : error} (Databricks run ${runId})`,
        needsTraining: false,
        trained: false,
      };
    }
    const document = await lake.readJson(CONTAINERS.lake, lakePaths.result(batch.id, step, attempt));
    const result = summarise(step, document);
    const warnings = parseWarnings(document);
    const times = timed(new Date(run.startedAt ?? 0), new Date(run.endedAt ?? 0), {
      databricksRunId: runId,
      ...result.record,
      ...(warnings.length === 0 ? {} : { warnings }),
    });
    await runs.step(batch.dataset, batch.id, step, times);
    if (result.model !== undefined) await runs.update(batch.dataset, batch.id, { model: result.model });
    return {
      state: 'succeeded',
      message: '',
      needsTraining: result.needsTraining ?? false,
      trained: result.trained ?? false,
      rescore: result.rescore ?? false,
    };
  };
}

async function follow(
  databricks: DatabricksClient,
  runId: string,
  pollMilliseconds: number,
  isUnwanted: () => Promise<boolean>,
): Promise<DatabricksRun> {
  const until = Date.now() + STAY_MILLISECONDS;
  let checked = 0;
  let canceled = false;
  let run = await databricks.getRun(runId);
  while (run.state === 'active' && Date.now() < until) {
    if (!canceled && Date.now() - checked >= CANCEL_CHECK_MILLISECONDS) {
      checked = Date.now();
      canceled = await isUnwanted();
      if (canceled) await databricks.cancelRun(runId);
    }
    await sleep(pollMilliseconds);
    run = await databricks.getRun(runId);
  }
  return run;
}

interface Summary extends Partial<Pick<JobOutcome, 'needsTraining' | 'trained' | 'rescore'>> {
  readonly record: Partial<StepRecord>;
  readonly model?: string;
}

function summarise(step: JobStep, document: unknown): Summary {
  switch (step) {
    case 'cleanse':
      return { record: { rows: addRows(parseCleanseResult(document).files.map((file) => file.rows)).read } };
    case 'score':
    case 'rescore': {
      const { needsTraining, rows, model } = parseScoreResult(document);
      if (needsTraining) return { needsTraining, record: { detail: 'no model yet' } };
      return {
        record: { rows, ...(model === undefined ? {} : { detail: model }) },
        ...(model === undefined ? {} : { model }),
      };
    }
    case 'train': {
      const { trained, rescore, detail } = parseTrainResult(document);
      return { trained, rescore, record: { detail } };
    }
    case 'insights':
      return {
        record: { rows: parseInsightsResult(document).insights.reduce((sum, insight) => sum + insight.rows, 0) },
      };
  }
}
