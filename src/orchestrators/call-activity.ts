import * as df from 'durable-functions';
import type { ActivityInput, ActivityName } from '../activities/activities.ts';

/**
 * Retries for what time can heal: half a second, doubling, about two minutes in all. What cannot be healed is
 * returned by activities as a value.
 */
function retry(): df.RetryOptions {
  const options = new df.RetryOptions(500, 9);
  options.backoffCoefficient = 2;
  options.maxRetryIntervalInMilliseconds = 30_000;
  return options;
}

/** Schedules an activity, with its input's type checked. */
export function callActivity<N extends ActivityName>(
  context: df.OrchestrationContext,
  name: N,
  input: ActivityInput<N>,
): df.Task {
  return context.df.callActivityWithRetry(name, retry(), input);
}
