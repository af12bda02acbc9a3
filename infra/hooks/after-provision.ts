import { join } from 'node:path';
import { DefaultAzureCredential } from '@azure/identity';
import { admitApp, reachLake, sqlWarehouse, type Workspace } from './configure-databricks.ts';
import { createDatabricksApi } from './databricks-api.ts';
import { ROOT, run, setting } from './environment.ts';
import { migrateWarehouse } from './migrate-warehouse.ts';
import { publishToEnvironment } from './publish-factory.ts';

// What Bicep cannot say, since it is inside the systems: the workspace, the warehouse's schema, the factory's pipelines.
// Every step may be repeated; the next `azd provision` takes up what a failed one left.

/** Databricks' own id in Entra ID, as in src/shared/services.ts. */
const DATABRICKS_SCOPE = '2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default';

console.log('Warehouse: schema and the app as its user');
await migrateWarehouse();

console.log('Databricks: lake, bundle, SQL warehouse, the app as a service principal');
const identity = new DefaultAzureCredential();
const api = createDatabricksApi(
  setting('DATABRICKS_HOST'),
  async () => (await identity.getToken(DATABRICKS_SCOPE)).token,
);
const workspace: Workspace = {
  storageAccount: setting('STORAGE_ACCOUNT_NAME'),
  accessConnectorId: setting('DATABRICKS_ACCESS_CONNECTOR_ID'),
  catalog: setting('DATABRICKS_CATALOG'),
  appClientId: setting('APP_IDENTITY_CLIENT_ID'),
};
await reachLake(api, workspace);
run('databricks', ['bundle', 'deploy', '--target', 'prod'], join(ROOT, 'databricks'));
const warehouseId = await sqlWarehouse(api);
await admitApp(api, workspace, warehouseId);

// For this deployment at once, and by main.bicepparam for every later one.
console.log(`SQL warehouse: DATABRICKS_WAREHOUSE_ID=${warehouseId}`);
run('azd', ['env', 'set', 'DATABRICKS_WAREHOUSE_ID', warehouseId]);
run('az', [
  ...['functionapp', 'config', 'appsettings', 'set', '--output', 'none'],
  ...['--resource-group', setting('AZURE_RESOURCE_GROUP'), '--name', setting('APP_NAME')],
  ...['--settings', `DATABRICKS_WAREHOUSE_ID=${warehouseId}`],
]);

console.log('Data Factory: linked services, datasets, pipelines, triggers');
await publishToEnvironment();
