import type { ColumnType, Combine, Contract } from '../contracts/contract.ts';
import { validityColumns } from '../contracts/history.ts';
import type { Datasets } from '../contracts/load-datasets.ts';

/** A column that an explanation may filter by or split over. */
export interface ExplainColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** The reference that it comes from; absent for the dataset's own columns. */
  readonly combine?: Combine;
}

/** Every column of a dataset's view: its own, those that it combines with, and where a row came from. */
export function columnsOf(datasets: Datasets, contract: Contract): ReadonlyMap<string, ExplainColumn> {
  const columns = new Map<string, ExplainColumn>();
  for (const { name, type } of [...contract.columns, ...validityColumns(contract)]) columns.set(name, { name, type });
  for (const combine of contract.combine ?? []) {
    const other = datasets.get(combine.dataset)?.contract;
    const there = other === undefined ? [] : [...other.columns, ...validityColumns(other)];
    for (const [name, source] of Object.entries(combine.columns)) {
      const type = there.find((column) => column.name === source)?.type ?? 'string';
      if (!columns.has(name)) columns.set(name, { name, type, combine });
    }
  }
  if (contract.model !== undefined) {
    columns.set(contract.model.prediction, { name: contract.model.prediction, type: 'double' });
    columns.set('_model_version', { name: '_model_version', type: 'string' });
  }
  for (const name of ['_file', '_batch']) columns.set(name, { name, type: 'string' });
  return columns;
}
