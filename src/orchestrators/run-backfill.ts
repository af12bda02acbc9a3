import type { OrchestrationContext, Task } from 'durable-functions';
import type { BackfillOutcome, BackfillPart, BackfillWait, BegunPart } from '../activities/activities.ts';
import { type BackfillStory, type CanaryOutcome, NO_PROGRESS } from '../shared/backfill/backfill.ts';
import { callActivity, callUntilDone } from './call-activity.ts';
import { causeOf } from './cause-of.ts';

const LONGEST_WAIT_SECONDS = 15;

/**
 * The story of a backfill: the canary goes through the present contract alone and is judged; then the others, a batch's
 * worth at a time, until all are done, one fails, or somebody cancels. What is under way is waited for in any case.
 */
export function* runBackfill(context: OrchestrationContext): Generator<Task, void, never> {
  const story: BackfillStory = context.df.getInput();
  const { backfill, from = 0, progress: sofar = NO_PROGRESS } = story;
  try {
    if (from === 0) yield callActivity(context, 'open-backfill', story);
    const alone = from === 0 && backfill.hasCanary;
    const part = { backfill, from, alone, progress: sofar };
    const begun = yield* begin(context, part);
    if ('stop' in begun) {
      yield callUntilDone(context, 'end-backfill', { backfill, status: begun.stop, error: begun.reason });
      return;
    }
    const wait: BackfillWait = { backfill, entries: begun.entries, progress: begun.progress };
    const { progress, failure } = yield* ended(context, wait);
    if (alone) {
      const outcome: CanaryOutcome = yield callActivity(context, 'judge-canary', wait);
      if (!outcome.passed) throw new Error(`The canary ${outcome.path} did not pass. ${outcome.reason}`);
    }
    if (failure !== undefined) throw new Error(failure);
    if (begun.next < backfill.files.count) {
      context.df.continueAsNew({ ...story, from: begun.next, progress } satisfies BackfillStory);
      return;
    }
    yield callUntilDone(context, 'end-backfill', { backfill, status: 'succeeded' });
  } catch (error) {
    yield callUntilDone(context, 'end-backfill', { backfill, status: 'failed', error: causeOf(error) });
  }
}

function* begin(context: OrchestrationContext, part: BackfillPart): Generator<Task, BegunPart, never> {
  return yield callActivity(context, 'begin-backfill-part', part);
}

/** Waits until all entries have ended: closely at first, then less often, never longer than a fifth of what it took so far. */
function* ended(context: OrchestrationContext, wait: BackfillWait): Generator<Task, BackfillOutcome, never> {
  let seconds = 1;
  while (true) {
    const outcome: BackfillOutcome = yield callActivity(context, 'await-backfill-part', wait);
    if (outcome.open === 0) return outcome;
    yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + seconds * 1000));
    seconds = Math.min(seconds * 1.2, LONGEST_WAIT_SECONDS);
  }
}
