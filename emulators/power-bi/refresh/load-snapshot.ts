import { findTable, type Model, type Partition, sameName, type Table } from '../model/model.ts';
import type { SnapshotBuilder } from '../snapshot/snapshot-builder.ts';
import type { RefreshObject, RefreshType } from './refresh.ts';
import type { Source } from './source.ts';

/** What one snapshot is made from. */
export interface SnapshotPlan {
  readonly model: Model;
  readonly type: RefreshType;
  readonly objects: readonly RefreshObject[];
  /** The snapshot that is shown, whose other rows are kept. */
  readonly previous?: string;
}

/** Fills a snapshot: the partitions asked for from the source, the others from the previous snapshot. @throws Error */
export async function loadSnapshot(
  plan: SnapshotPlan,
  builder: SnapshotBuilder,
  open: () => Promise<Source>,
): Promise<void> {
  const { model, type, objects, previous } = plan;
  const concerned = (table: Table): readonly Partition[] =>
    table.partitions.filter((partition) =>
      objects.some((one) => sameName(one.table, table.name) && sameName(one.partition, partition.name)),
    );
  for (const table of model.tables) {
    await builder.createTable(table);
    if (previous === undefined) continue;
    const replaced = type === 'calculate' || type === 'defragment' ? [] : concerned(table);
    await builder.copy(table, previous, new Set(replaced.map(({ name }) => name)));
  }
  if (type === 'full' || type === 'dataOnly' || type === 'automatic') {
    const source = await open();
    try {
      for (const table of model.tables) {
        for (const partition of concerned(table)) await loadPartition(source, builder, table, partition);
      }
    } finally {
      await source.close();
    }
  }
  await builder.checkKeys(model);
}

async function loadPartition(
  source: Source,
  builder: SnapshotBuilder,
  table: Table,
  partition: Partition,
): Promise<void> {
  const appender = await builder.appender(table, partition);
  const columns = table.columns.map((column) => column.source);
  try {
    await source.read(partition.sql, columns, (row) => appender.append(row));
  } finally {
    appender.finish();
  }
}

/** All partitions that a refresh names; none named means all. @throws Error when one does not exist */
export function resolveObjects(
  model: Model,
  named: readonly { readonly table: string; readonly partition?: string }[] | undefined,
): readonly RefreshObject[] {
  const all = (table: Table): readonly RefreshObject[] =>
    table.partitions.map((partition) => ({ table: table.name, partition: partition.name }));
  if (named === undefined || named.length === 0) return model.tables.flatMap(all);
  return named.flatMap(({ table: name, partition }) => {
    const table = findTable(model, name);
    if (table === undefined) throw new Error(`The table '${name}' does not exist in the model '${model.name}'.`);
    if (partition === undefined) return all(table);
    const found = table.partitions.find((one) => sameName(one.name, partition));
    if (found === undefined) throw new Error(`The partition '${partition}' does not exist in the table '${name}'.`);
    return [{ table: table.name, partition: found.name }];
  });
}
