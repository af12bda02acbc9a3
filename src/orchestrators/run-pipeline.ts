import type { OrchestrationContext, Task } from 'durable-functions';
import type { PipelineEnding, PipelineRunRef, PipelineStart } from '../activities/activities.ts';
import { CANCEL_EVENT } from '../shared/data-factory/drive-pipeline-run.ts';
import type { PipelineRequest, PipelineRunStatus } from '../shared/data-factory/pipeline-run-record.ts';
import { callActivity, callUntilDone } from './call-activity.ts';
import { causeOf } from './cause-of.ts';

const LONGEST_WAIT_SECONDS = 60;

/**
 * Starts a run of a pipeline and follows it to its end: closely at first, then ever less often. A run that takes longer
 * than it may, that somebody cancels, or that cannot be followed any longer is cancelled in the factory too.
 */
export function* runPipeline(context: OrchestrationContext): Generator<Task, PipelineRunStatus, never> {
  const request: PipelineRequest = context.df.getInput();
  const { id } = request;
  const cancelled = context.df.waitForExternalEvent(CANCEL_EVENT);
  const deadline = context.df.currentUtcDateTime.getTime() + request.timeLimitSeconds * 1000;
  const start = yield* started(context, request);
  if ('refused' in start) {
    yield callUntilDone(context, 'fail-pipeline', { id, status: 'failed', error: start.refused });
    return 'failed';
  }
  const run: PipelineRunRef = { id, runId: start.runId };
  let reason: PipelineEnding | undefined;
  let wait = 1;
  while (reason === undefined) {
    try {
      const status: PipelineRunStatus = yield callActivity(context, 'await-pipeline', run);
      if (status !== 'running') return status;
    } catch (error) {
      reason = { status: 'failed', error: causeOf(error) };
      break;
    }
    const now = context.df.currentUtcDateTime.getTime();
    const timer = context.df.createTimer(new Date(Math.min(now + wait * 1000, Math.max(now, deadline))));
    yield context.df.Task.any([cancelled, timer]);
    wait = Math.min(wait * 1.5, LONGEST_WAIT_SECONDS);
    if (cancelled.isCompleted) {
      if (!timer.isCompleted) timer.cancel();
      reason = { status: 'canceled', error: 'It was cancelled on request.' };
    } else if (context.df.currentUtcDateTime.getTime() >= deadline) {
      reason = { status: 'failed', error: `It took longer than its limit of ${request.timeLimitSeconds} s.` };
    }
  }
  return yield callUntilDone(context, 'cancel-pipeline', { ...run, reason });
}

function* started(context: OrchestrationContext, request: PipelineRequest): Generator<Task, PipelineStart, never> {
  try {
    return yield callActivity(context, 'start-pipeline', request);
  } catch (error) {
    return { refused: causeOf(error) };
  }
}
