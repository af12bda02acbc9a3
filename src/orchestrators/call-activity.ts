import * as df from 'durable-functions';
import type { ActivityInput, ActivityName } from '../activities/activities.ts';

/**
 * Retries for what time can heal: half a second, doubling, about six minutes in all. What cannot be healed is
 * returned by activities as a value.
 */
const HEALING = retry(15);

/** For what must not be left half done, however long it takes. */
const UNTIL_DONE = retry(100_000);

function retry(attempts: number): df.RetryOptions {
  const options = new df.RetryOptions(500, attempts);
  options.backoffCoefficient = 2;
  options.maxRetryIntervalInMilliseconds = 60_000;
  return options;
}

/** Schedules an activity, with its input's type checked. */
export function callActivity<N extends ActivityName>(
  context: df.OrchestrationContext,
  name: N,
  input: ActivityInput<N>,
): df.Task {
  return context.df.callActivityWithRetry(name, HEALING, input);
}

/** Schedules an activity that must succeed before anything else may happen: it is repeated until it does. */
export function callUntilDone<N extends ActivityName>(
  context: df.OrchestrationContext,
  name: N,
  input: ActivityInput<N>,
): df.Task {
  return context.df.callActivityWithRetry(name, UNTIL_DONE, input);
}
