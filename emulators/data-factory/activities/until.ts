import { parseTimeSpan } from '../definitions/durations.ts';
import { DefinitionError, listField, optionalString } from '../definitions/json.ts';
import { readActivities } from '../definitions/pipeline.ts';
import type { ActivityRunner } from '../engine/activity-context.ts';
import { ActivityError } from '../engine/activity-error.ts';
import { innerFailure } from './inner-failure.ts';

const DEFAULT_TIMEOUT = '7.00:00:00';

/** Until: repeats its activities until the expression holds. An inner failure does not stop it, but shows at its end. */
export const until: ActivityRunner = async (context) => {
  const { typeProperties } = context.activity;
  const timeout = optionalString({ timeout: context.evaluate(typeProperties.timeout) }, 'timeout') ?? DEFAULT_TIMEOUT;
  const end = context.startedAt.getTime() + parseTimeSpan(timeout, "'timeout' of the Until activity");
  const activities = readActivities(listField(typeProperties, 'activities'));
  for (let iteration = 0; ; iteration += 1) {
    const { failure, evaluate } = await context.runInner(activities, { segment: String(iteration) });
    context.signal.throwIfAborted();
    const holds = evaluate(typeProperties.expression);
    if (typeof holds !== 'boolean') {
      throw new DefinitionError("'expression' of the Until activity must evaluate to true or false.");
    }
    if (holds && failure !== undefined) throw innerFailure(failure);
    if (holds) return { output: {} };
    if (Date.now() >= end) {
      throw new ActivityError('ActivityTimeout', `The Until activity did not end within its timeout of ${timeout}.`);
    }
  }
};
