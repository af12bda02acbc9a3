import type { OrchestrationContext, Task } from 'durable-functions';
import type { JobRequest, TrainingConclusion, TrainingOpening } from '../activities/activities.ts';
import type { Batch } from '../shared/ledger/batch.ts';
import type { Training } from '../shared/models/training.ts';
import { ORCHESTRATORS } from '../shared/names.ts';
import { callActivity, callUntilDone } from './call-activity.ts';
import { causeOf } from './cause-of.ts';

/**
 * The story of a training: look whether there is anything new, let Databricks challenge the champion (or put the one
 * before back), and where another model is in use now, have the intake rescore and republish what is published.
 * Whatever fails on the way leaves the champion as it is.
 */
export function* retrainModel(context: OrchestrationContext): Generator<Task, void, never> {
  const training: Training = context.df.getInput();
  try {
    const opening: TrainingOpening = yield callActivity(context, 'open-training', training);
    if (opening.kind === 'ended') return;
    if (opening.kind === 'unchanged') {
      if (opening.rescore) yield refresh(context, training);
      yield callUntilDone(context, 'end-training', { training, status: 'unchanged', reason: opening.reason });
      return;
    }
    yield context.df.callSubOrchestrator(ORCHESTRATORS.runDatabricksJob, job(training), `${training.id}:train:1`);
    const { lesson } = opening;
    const { rescore }: TrainingConclusion = yield callActivity(context, 'conclude-training', { training, lesson });
    if (rescore) yield refresh(context, training);
    yield callUntilDone(context, 'end-training', { training, status: 'succeeded' });
  } catch (error) {
    yield callUntilDone(context, 'end-training', { training, status: 'failed', error: causeOf(error) });
    throw error;
  }
}

/** A training is a batch without files to the job. */
function job({ id, dataset, mode, force }: Training): JobRequest {
  const batch: Batch = { id, dataset, number: 0 };
  return { batch, step: 'train', attempt: 1, training: { mode, force } };
}

/** The intake, the only door to a dataset's tables, scores and publishes again what is there. */
function refresh(context: OrchestrationContext, { id, dataset }: Training): Task {
  return callUntilDone(context, 'request-refresh', { dataset, why: `${id} changed the model in use`, cause: id });
}
