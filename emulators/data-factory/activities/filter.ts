import { DefinitionError } from '../definitions/json.ts';
import type { ActivityRunner } from '../engine/activity-context.ts';
import { isArray } from '../expressions/index.ts';

/** Filter: the items for which the condition holds. */
export const filter: ActivityRunner = (context) => {
  const { items: source, condition } = context.activity.typeProperties;
  const items = context.evaluate(source);
  if (!isArray(items)) throw new DefinitionError("'items' of the Filter activity must evaluate to an array.");
  context.setInput({ items });
  const kept = items.filter((item) => {
    const keeps = context.evaluate(condition, { item });
    if (typeof keeps !== 'boolean')
      throw new DefinitionError("'condition' of the Filter activity must be true or false.");
    return keeps;
  });
  return { output: { ItemsCount: items.length, FilteredItemsCount: kept.length, Value: kept } };
};
