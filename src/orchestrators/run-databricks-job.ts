import type { OrchestrationContext, Task } from 'durable-functions';
import type { JobOutcome, JobRequest } from '../activities/activities.ts';
import { callActivity } from './call-activity.ts';

const LONGEST_WAIT_SECONDS = 60;

/**
 * Starts a Databricks job and follows it to its end: closely at first, then ever less often. Fails when the run does.
 * A run that cannot be followed any longer is cancelled, so that it does not write beside a later batch.
 */
export function* runDatabricksJob(context: OrchestrationContext): Generator<Task, JobOutcome, never> {
  const request: JobRequest = context.df.getInput();
  const runId: string | null = yield callActivity(context, 'start-job', request);
  if (runId === null) throw new Error(`${request.step} was not started: the batch was cancelled`);
  let wait = 1;
  while (true) {
    let outcome: JobOutcome;
    try {
      outcome = yield callActivity(context, 'await-job', { request, runId });
    } catch (error) {
      yield callActivity(context, 'cancel-job', runId);
      throw error;
    }
    if (outcome.state === 'succeeded') return outcome;
    if (outcome.state !== 'active') throw new Error(outcome.message);
    yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + wait * 1000));
    wait = Math.min(wait * 1.5, LONGEST_WAIT_SECONDS);
  }
}
