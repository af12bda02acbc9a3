import { requiredString } from '../definitions/json.ts';
import type { ActivityRunner } from '../engine/activity-context.ts';
import { ActivityError } from '../engine/activity-error.ts';

/** Fail: ends with the error that the pipeline's author chose. */
export const fail: ActivityRunner = (context) => {
  const properties = context.properties();
  const message = requiredString(properties, 'message', 'the Fail activity');
  const errorCode = requiredString(properties, 'errorCode', 'the Fail activity');
  context.setInput({ message, errorCode });
  throw new ActivityError(errorCode, message);
};
