import type { OrchestrationContext, Task } from 'durable-functions';
import type { JobOutcome, JobRequest } from '../activities/activities.ts';
import { callActivity } from './call-activity.ts';

const LONGEST_WAIT_SECONDS = 60;

/** Starts a Databricks job and follows it to its end: closely at first, then ever less often. Fails when the run does. */
export function* runDatabricksJob(context: OrchestrationContext): Generator<Task, JobOutcome, never> {
  const request: JobRequest = context.df.getInput();
  const runId: string = yield callActivity(context, 'start-job', request);
  let wait = 1;
  while (true) {
    const outcome: JobOutcome = yield callActivity(context, 'await-job', { request, runId });
    if (outcome.state === 'succeeded') return outcome;
    if (outcome.state !== 'active') throw new Error(outcome.message);
    yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + wait * 1000));
    wait = Math.min(wait * 1.5, LONGEST_WAIT_SECONDS);
  }
}
