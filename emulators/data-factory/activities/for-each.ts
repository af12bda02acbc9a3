import { DefinitionError, listField, optionalBoolean, optionalNumber } from '../definitions/json.ts';
import { readActivities } from '../definitions/pipeline.ts';
import type { ActivityRunner, InnerResult } from '../engine/activity-context.ts';
import { isArray } from '../expressions/index.ts';
import { innerFailure } from './inner-failure.ts';

const DEFAULT_BATCH = 20;
const LARGEST_BATCH = 50;

/** ForEach: all items, side by side or one after the other; one that fails does not stop the others. */
export const forEach: ActivityRunner = async (context) => {
  const { typeProperties } = context.activity;
  const items = context.progress ?? context.evaluate(typeProperties.items);
  if (!isArray(items)) throw new DefinitionError("'items' of the ForEach activity must evaluate to an array.");
  if (context.progress === null) {
    context.setInput({ itemsCount: items.length });
    context.saveProgress(items);
  }
  const activities = readActivities(listField(typeProperties, 'activities'));
  const sequential = optionalBoolean(typeProperties, 'isSequential') ?? false;
  const batch = sequential ? 1 : Math.min(optionalNumber(typeProperties, 'batchCount') ?? DEFAULT_BATCH, LARGEST_BATCH);
  const results: InnerResult[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < items.length && !context.signal.aborted; at = next++) {
      results[at] = await context.runInner(activities, { segment: String(at), item: items[at] ?? null });
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, batch) }, worker));
  const failure = results.find((result) => result?.failure !== undefined)?.failure;
  if (failure !== undefined) throw innerFailure(failure);
  return { output: {} };
};
