import { CONTAINERS, JOB_STEPS, jobName } from '../../src/shared/names.ts';
import { type DatabricksApi, listed } from './databricks-api.ts';

/** What a workspace is to be set up with. */
export interface Workspace {
  readonly storageAccount: string;
  readonly accessConnectorId: string;
  readonly catalog: string;
  /** The client id of the app's identity, by which Databricks knows it. */
  readonly appClientId: string;
}

const CREDENTIAL = 'landfall-lake';
const WAREHOUSE = 'landfall';
const UNITY = '2.1/unity-catalog';
/** Tables by layer, and the models of the jobs (LANDFALL_MODEL_SCHEMA). Ad hoc queries see the first three. */
const SCHEMAS = ['bronze', 'silver', 'gold', 'ml'] as const;

/** Lets Unity Catalog reach the containers, as the access connector's identity; what exists stays as it is. */
export async function reachLake(api: DatabricksApi, { storageAccount, accessConnectorId }: Workspace): Promise<void> {
  await make(api, `${UNITY}/storage-credentials`, CREDENTIAL, {
    azure_managed_identity: { access_connector_id: accessConnectorId },
  });
  for (const container of [CONTAINERS.landing, CONTAINERS.lake, CONTAINERS.quarantine])
    await make(api, `${UNITY}/external-locations`, `landfall-${container}`, {
      url: `abfss://${container}@${storageAccount}.dfs.core.windows.net/`,
      credential_name: CREDENTIAL,
      read_only: container === CONTAINERS.landing,
    });
}

/** Gives the id of the SQL warehouse for ad hoc queries, which is made if there is none. It stops after ten idle minutes. */
export async function sqlWarehouse(api: DatabricksApi): Promise<string> {
  const found = listed(await api('GET', '2.0/sql/warehouses'), 'warehouses').find(({ name }) => name === WAREHOUSE);
  const warehouse =
    found ??
    (await api('POST', '2.0/sql/warehouses', {
      name: WAREHOUSE,
      cluster_size: '2X-Small',
      max_num_clusters: 1,
      auto_stop_mins: 10,
      warehouse_type: 'PRO',
      enable_serverless_compute: true,
    }));
  if (typeof warehouse?.id !== 'string') throw new Error('Databricks gave the SQL warehouse no id.');
  return warehouse.id;
}

/** Admits the app: it may run the bundle's jobs, use the warehouse, and read the layers; nothing else. */
export async function admitApp(api: DatabricksApi, workspace: Workspace, warehouseId: string): Promise<void> {
  const { appClientId, catalog } = workspace;
  const filter = encodeURIComponent(`applicationId eq "${appClientId}"`);
  const known = await api('GET', `2.0/preview/scim/v2/ServicePrincipals?filter=${filter}`);
  if (listed(known, 'Resources').length === 0)
    await api('POST', '2.0/preview/scim/v2/ServicePrincipals', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal'],
      applicationId: appClientId,
      displayName: 'landfall',
      entitlements: [{ value: 'databricks-sql-access' }],
    });
  for (const step of JOB_STEPS) {
    const [job] = listed(await api('GET', `2.2/jobs/list?name=${encodeURIComponent(jobName(step))}`), 'jobs');
    if (job === undefined) throw new Error(`There is no job ${jobName(step)}: deploy the bundle first.`);
    await permit(api, `jobs/${String(job.job_id)}`, appClientId, 'CAN_MANAGE_RUN');
  }
  await permit(api, `warehouses/${warehouseId}`, appClientId, 'CAN_USE');
  await grant(api, `catalog/${catalog}`, appClientId, ['USE_CATALOG']);
  for (const schema of SCHEMAS) {
    await make(api, `${UNITY}/schemas`, schema, { catalog_name: catalog }, `${catalog}.${schema}`);
    if (schema !== 'ml') await grant(api, `schema/${catalog}.${schema}`, appClientId, ['USE_SCHEMA', 'SELECT']);
  }
}

async function make(
  api: DatabricksApi,
  path: string,
  name: string,
  properties: Readonly<Record<string, unknown>>,
  fullName = name,
): Promise<void> {
  if ((await api('GET', `${path}/${fullName}`)) === undefined) await api('POST', path, { name, ...properties });
}

async function permit(api: DatabricksApi, object: string, principal: string, level: string): Promise<void> {
  const body = { access_control_list: [{ service_principal_name: principal, permission_level: level }] };
  if ((await api('PATCH', `2.0/permissions/${object}`, body)) === undefined)
    throw new Error(`Databricks has no ${object} to give permissions on.`);
}

async function grant(api: DatabricksApi, object: string, principal: string, privileges: string[]): Promise<void> {
  const answer = await api('PATCH', `${UNITY}/permissions/${object}`, { changes: [{ principal, add: privileges }] });
  if (answer === undefined)
    throw new Error(`Unity Catalog has no ${object}: set DATABRICKS_CATALOG, see docs/deploy.md.`);
}
