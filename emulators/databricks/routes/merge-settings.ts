import { invalidParameter } from '../api-error.ts';
import { type JsonObject, readList, readObject } from '../domain/json.ts';

const KEYED_LISTS: Readonly<Record<string, string>> = { tasks: 'task_key', job_clusters: 'job_cluster_key' };

/**
 * jobs/update: top-level fields are replaced, `tasks` and `job_clusters` are merged by their keys, and `removed` names
 * fields, or, as `tasks/<task_key>`, items of those lists.
 */
export function mergeSettings(old: JsonObject, changes: JsonObject, removed: readonly string[]): JsonObject {
  const merged: Record<string, unknown> = { ...old };
  for (const path of removed) {
    const [field = '', key] = path.split('/');
    const idField = KEYED_LISTS[field];
    if (key === undefined) delete merged[field];
    else if (idField === undefined) throw invalidParameter(`fields_to_remove: cannot remove ${path}.`);
    else merged[field] = readList(merged, field).filter((item) => readObject(item, field)[idField] !== key);
  }
  for (const [field, value] of Object.entries(changes)) {
    const idField = KEYED_LISTS[field];
    merged[field] =
      idField === undefined ? value : mergeList(readList(merged, field), readList(changes, field), idField);
  }
  return merged;
}

function mergeList(old: readonly unknown[], changes: readonly unknown[], idField: string): unknown[] {
  const items = new Map(old.map((item) => [readObject(item, idField)[idField], item]));
  for (const item of changes) items.set(readObject(item, idField)[idField], item);
  return [...items.values()];
}
