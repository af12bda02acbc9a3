import { ActivityError } from '../engine/activity-error.ts';

/** The error of an activity whose inner activities failed. */
export function innerFailure({
  activity,
  message,
}: {
  readonly activity: string;
  readonly message: string;
}): ActivityError {
  return new ActivityError(
    'ActionFailed',
    `Activity failed because an inner activity failed; Inner activity name: ${activity}, Error: ${message}`,
  );
}
