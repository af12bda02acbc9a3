import sql from 'mssql';
import { ROOT, type Settings } from '../stack/endpoints.ts';
import { schemaBatches } from './schema-batches.ts';

/** Brings the warehouse to its schema: the scripts of warehouse/schema in order, then the tables that the contracts declare. */
export async function provisionWarehouse(settings: Settings): Promise<void> {
  const pool = await connectWarehouse(settings);
  try {
    for (const batch of schemaBatches(ROOT, process.env.DATASETS_FOLDER)) await pool.request().batch(batch);
  } finally {
    await pool.close();
  }
}

/** Opens a pool of connections to a stack's warehouse, or to another database of its server. */
export function connectWarehouse(
  settings: Settings,
  database = settings.SYNAPSE_DATABASE ?? '',
): Promise<sql.ConnectionPool> {
  return new sql.ConnectionPool({
    server: settings.SYNAPSE_SERVER ?? '',
    port: Number(settings.SYNAPSE_PORT),
    database,
    user: settings.SYNAPSE_USER ?? '',
    password: settings.SYNAPSE_PASSWORD ?? '',
    options: { encrypt: settings.SYNAPSE_ENCRYPT !== 'false' },
    requestTimeout: 120_000,
  }).connect();
}
