import type { Column, Contract, Dataset } from './contract.ts';

/** A column that files brought and the contract does not name, as the jobs tell of it. */
export interface EvolvedColumn extends Pick<Column, 'name' | 'type' | 'length'> {
  /** What the files call it. */
  readonly source: string;
  /** The batch whose files brought it. */
  readonly evolved: string;
}

/**
 * A dataset whose contract has taken in what files brought, behind the columns of its author. One that the author names by
 * now, or takes from the same source, is his. The version stays that of his text: what files brought follows from it.
 */
export function withEvolved(dataset: Dataset, evolved: readonly EvolvedColumn[]): Dataset {
  return evolved.length === 0 ? dataset : { ...dataset, contract: evolvedContract(dataset.contract, evolved) };
}

function evolvedContract(contract: Contract, evolved: readonly EvolvedColumn[]): Contract {
  const { columns, warehouse } = contract;
  const named = new Set(columns.flatMap(({ name, source }) => [name, `source ${source ?? name}`]));
  const added = evolved.filter(({ name, source }) => !named.has(name) && !named.has(`source ${source}`));
  return {
    ...contract,
    columns: [...columns, ...added.map(toColumn)],
    ...(warehouse === undefined
      ? {}
      : { warehouse: { ...warehouse, columns: [...warehouse.columns, ...added.map(({ name }) => name)] } }),
  };
}

function toColumn({ name, type, length, source, evolved }: EvolvedColumn): Column {
  return {
    ...{ name, type, source, evolved },
    ...(length === undefined ? {} : { length }),
    known: 'after',
    description: `Brought by files of ${evolved}; the contract does not name it`,
  };
}
