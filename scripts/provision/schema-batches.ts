import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadDatasets } from '../../src/shared/contracts/load-datasets.ts';
import { schemaStatements } from '../../src/shared/warehouse/statements.ts';
import { sqlBatches } from './sql-batches.ts';

/**
 * The batches that bring a warehouse to its schema: the scripts of warehouse/schema in order (GO parts them, as
 * everywhere in T-SQL), then the tables that the contracts declare: those of the repository, unless the app reads others.
 * All can be repeated.
 */
export function schemaBatches(root: string, datasets = join(root, 'datasets')): string[] {
  const folder = join(root, 'warehouse', 'schema');
  const scripts = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .flatMap((name) => sqlBatches(readFileSync(join(folder, name), 'utf8')));
  const tables = loadDatasets(datasets).all.flatMap(({ contract }) =>
    contract.warehouse === undefined ? [] : schemaStatements(contract, contract.warehouse),
  );
  return [...scripts, ...tables];
}
