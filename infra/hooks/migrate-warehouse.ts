import { join } from 'node:path';
import sql from 'mssql';
import { schemaBatches } from '../../scripts/provision/schema-batches.ts';
import { loadDatasets } from '../../src/shared/contracts/load-datasets.ts';
import { ROOT, setting } from './environment.ts';

/**
 * The batches that make the app's identity a user: it may make and load tables in stage, change rows in dw, and give the
 * contracts' tables there the columns that files bring.
 */
export function appUserBatches(identityName: string, tables: readonly string[]): string[] {
  if (!/^[\w-]+$/.test(identityName)) throw new Error(`'${identityName}' is no name of a managed identity.`);
  const user = `[${identityName}]`;
  return [
    `IF NOT EXISTS (SELECT 1 FROM sys.database_principals WHERE name = '${identityName}') CREATE USER ${user} FROM EXTERNAL PROVIDER;`,
    `GRANT CREATE TABLE TO ${user};`,
    `GRANT ADMINISTER DATABASE BULK OPERATIONS TO ${user};`,
    `GRANT ALTER, SELECT, INSERT ON SCHEMA::stage TO ${user};`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON SCHEMA::dw TO ${user};`,
    ...tables.map((table) => `GRANT ALTER ON OBJECT::dw.${table} TO ${user};`),
  ];
}

/** Runs the migrations as whoever is logged in, who must be the workspace's Entra ID administrator. */
export async function migrateWarehouse(): Promise<void> {
  const pool = await new sql.ConnectionPool({
    server: setting('SYNAPSE_SERVER'),
    database: setting('SYNAPSE_DATABASE'),
    options: { encrypt: true },
    authentication: { type: 'azure-active-directory-default', options: {} },
    requestTimeout: 600_000,
  }).connect();
  const tables = loadDatasets(join(ROOT, 'datasets')).all.flatMap(({ contract }) => contract.warehouse?.table ?? []);
  try {
    for (const batch of [...schemaBatches(ROOT), ...appUserBatches(setting('APP_IDENTITY_NAME'), tables)])
      await pool.request().batch(batch);
  } finally {
    await pool.close();
  }
}
