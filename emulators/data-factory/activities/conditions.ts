import { DefinitionError, listField, readObject } from '../definitions/json.ts';
import { readActivities } from '../definitions/pipeline.ts';
import type { ActivityContext, ActivityRunner } from '../engine/activity-context.ts';
import { innerFailure } from './inner-failure.ts';

/** IfCondition: one of two branches. The decision stays after a crash. */
export const ifCondition: ActivityRunner = async (context) => {
  const { typeProperties } = context.activity;
  const holds = context.progress ?? context.evaluate(typeProperties.expression);
  if (typeof holds !== 'boolean') {
    throw new DefinitionError("'expression' of the IfCondition activity must evaluate to true or false.");
  }
  if (context.progress === null) context.saveProgress(holds);
  const branch = holds ? 'ifTrueActivities' : 'ifFalseActivities';
  await runBranch(context, listField(typeProperties, branch), holds ? 'true' : 'false');
  return { output: {} };
};

/** Switch: the case whose value equals the expression's text, else the default. */
export const switchCase: ActivityRunner = async (context) => {
  const { typeProperties } = context.activity;
  const on = context.progress ?? context.evaluate(typeProperties.on);
  if (typeof on !== 'string') throw new DefinitionError("'on' of the Switch activity must evaluate to a string.");
  if (context.progress === null) context.saveProgress(on);
  const chosen = listField(typeProperties, 'cases')
    .map((one) => readObject(one, 'A case'))
    .find(({ value }) => value === on);
  const activities =
    chosen === undefined ? listField(typeProperties, 'defaultActivities') : listField(chosen, 'activities');
  await runBranch(context, activities, chosen === undefined ? 'default' : `case ${on}`);
  return { output: {} };
};

async function runBranch(context: ActivityContext, activities: readonly unknown[], segment: string): Promise<void> {
  const { failure } = await context.runInner(readActivities(activities), { segment });
  if (failure !== undefined) throw innerFailure(failure);
}
