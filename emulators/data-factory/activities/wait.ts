import { setTimeout as sleep } from 'node:timers/promises';
import { DefinitionError, optionalNumber } from '../definitions/json.ts';
import type { ActivityRunner } from '../engine/activity-context.ts';

/** Wait: after a crash only what is left of the time. */
export const wait: ActivityRunner = async (context) => {
  const seconds = optionalNumber(context.properties(), 'waitTimeInSeconds');
  if (seconds === undefined || seconds < 0)
    throw new DefinitionError("'waitTimeInSeconds' must be a number of seconds.");
  context.setInput({ waitTimeInSeconds: seconds });
  const until = context.startedAt.getTime() + seconds * 1000;
  await sleep(Math.max(0, until - Date.now()), undefined, { signal: context.signal });
  return { output: {} };
};
