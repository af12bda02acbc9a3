import { objectField, optionalBoolean } from '../definitions/json.ts';
import type { ActivityRunner } from '../engine/activity-context.ts';
import { toPlain } from '../expressions/index.ts';
import { jsonCell } from '../formats/json-files.ts';
import { withSource } from './copy/source.ts';

const MOST_ROWS = 5000;

/** Lookup: the first row, or up to 5000, of a query, a table or a file. */
export const lookup: ActivityRunner = async (context) => {
  const { connections, run } = context;
  const properties = context.properties();
  const source = objectField(properties, 'source');
  const firstRowOnly = optionalBoolean(properties, 'firstRowOnly') ?? true;
  const evaluate = (document: unknown): unknown => toPlain(context.evaluate(document));
  const dataset = connections.dataset(run.factory, context.activity.typeProperties.dataset, evaluate);
  context.setInput({ source, dataset: { referenceName: dataset.name }, firstRowOnly });
  context.setLinkedService(dataset.linkedService.name);
  const rows = await withSource(context, dataset, source, undefined, async ({ columns, batches }) => {
    const found: unknown[] = [];
    for await (const batch of batches) {
      for (const row of batch) {
        found.push(Object.fromEntries(columns.map(({ name, type }, at) => [name, jsonCell(row[at] ?? null, type)])));
        if (found.length >= (firstRowOnly ? 1 : MOST_ROWS)) return found;
      }
    }
    return found;
  });
  const runtime = { effectiveIntegrationRuntime: 'AutoResolveIntegrationRuntime (local)' };
  if (!firstRowOnly) return { output: { count: rows.length, value: rows, ...runtime } };
  return { output: { ...(rows.length === 0 ? {} : { firstRow: rows[0] }), ...runtime } };
};
