import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sql from 'mssql';
import { loadDatasets } from '../../src/shared/contracts/load-datasets.ts';
import { schemaStatements } from '../../src/shared/warehouse/statements.ts';
import { ROOT, type Settings } from '../stack/endpoints.ts';

/** Brings the warehouse to its schema: the scripts of warehouse/schema in order, then the tables that the contracts declare. */
export async function provisionWarehouse(settings: Settings): Promise<void> {
  const pool = await connectWarehouse(settings);
  try {
    for (const batch of [...schemaScripts(), ...contractTables()]) await pool.request().batch(batch);
  } finally {
    await pool.close();
  }
}

/** Opens a pool of connections to a stack's warehouse. */
export function connectWarehouse(settings: Settings): Promise<sql.ConnectionPool> {
  return new sql.ConnectionPool({
    server: settings.SYNAPSE_SERVER ?? '',
    port: Number(settings.SYNAPSE_PORT),
    database: settings.SYNAPSE_DATABASE ?? '',
    user: settings.SYNAPSE_USER ?? '',
    password: settings.SYNAPSE_PASSWORD ?? '',
    options: { encrypt: settings.SYNAPSE_ENCRYPT !== 'false' },
    requestTimeout: 120_000,
  }).connect();
}

/** The batches of warehouse/schema/*.sql; GO separates them, as everywhere in T-SQL. */
function schemaScripts(): string[] {
  const folder = join(ROOT, 'warehouse', 'schema');
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  return files
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split(/^\s*GO\s*$/im))
    .filter((batch) => batch.trim() !== '');
}

function contractTables(): string[] {
  return loadDatasets(join(ROOT, 'datasets')).all.flatMap(({ contract }) =>
    contract.warehouse ? schemaStatements(contract, contract.warehouse) : [],
  );
}
