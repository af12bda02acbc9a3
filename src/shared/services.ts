import { DataFactoryManagementClient } from '@azure/arm-datafactory';
import { CosmosClient } from '@azure/cosmos';
import { AzureKeyCredential, EventGridPublisherClient } from '@azure/eventgrid';
import { DefaultAzureCredential, type TokenCredential } from '@azure/identity';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import sql from 'mssql';
import { type ChangeHub, createChangeHub } from './changes/change-hub.ts';
import { createChanges } from './changes/changes.ts';
import { type BatchConfig, type Config, readConfig, type SqlConfig } from './config.ts';
import { type Datasets, loadDatasets } from './contracts/load-datasets.ts';
import { createDataFactory, type DataFactory } from './data-factory/data-factory-client.ts';
import { createPipelineRunLog, type PipelineRunLog } from './data-factory/pipeline-run-log.ts';
import { createDatabricksClient, type DatabricksClient } from './databricks/databricks-client.ts';
import { createStatementClient, type StatementClient } from './databricks/statement-client.ts';
import { RequestProblem } from './http/problem.ts';
import { createIdentity, type Identity } from './identity/identity.ts';
import { createInsightPages, type InsightPages } from './insights/insight-pages.ts';
import { createInsightStore, type InsightStore } from './insights/insight-store.ts';
import { createPublications, type Publications } from './insights/publication.ts';
import { createLake, type Lake } from './lake/lake.ts';
import { createFileLedger, type FileLedger } from './ledger/file-ledger.ts';
import { COSMOS_CONTAINERS } from './names.ts';
import { type Announcer, createAnnouncer } from './notifications/announcer.ts';
import { createRunLog, type RunLog } from './runs/run-log.ts';
import { createSemanticModels, type SemanticModels } from './semantic-model/semantic-models.ts';
import { createTelemetry, type Telemetry } from './telemetry/telemetry.ts';
import { createUploads, type Uploads } from './uploads/uploads.ts';
import { createWarehouse, type Warehouse } from './warehouse/warehouse.ts';
import { securityHeaders } from './web/answer-web.ts';
import { loadWebFiles, type WebFiles } from './web/web-files.ts';

/** Every port of the app, over the clients of one environment. */
export interface Services {
  readonly datasets: Datasets;
  readonly lake: Lake;
  readonly files: FileLedger;
  readonly batchLimits: BatchConfig;
  readonly runs: RunLog;
  readonly databricks: DatabricksClient;
  readonly pollMilliseconds: number;
  readonly sql: Sql;
  readonly warehouse: Warehouse;
  readonly insights: InsightStore;
  readonly publications: Publications;
  readonly insightPages: InsightPages;
  readonly announcer: Announcer;
  readonly semanticModels: SemanticModels;
  readonly telemetry: Telemetry;
  readonly changes: ChangeHub;
  readonly uploads: Uploads;
  readonly web: { readonly files: WebFiles; readonly security: Readonly<Record<string, string>> };
  readonly identity: Identity;
  readonly pipelines: Pipelines;
  readonly pipelineRuns: PipelineRunLog;
}

/** Pipelines of Data Factory. */
export interface Pipelines {
  readonly isConfigured: boolean;
  /** @throws RequestProblem 503 when no factory is configured */
  factory(): DataFactory;
  readonly pollMilliseconds: number;
  /** How long a run that was asked for may take until the factory lists it. */
  readonly settleSeconds: number;
}

/** Ad hoc SQL: the warehouse's statements, and what one may cost. */
export interface Sql {
  /** @throws RequestProblem 503 when no warehouse is configured */
  client(): StatementClient;
  readonly limits: Omit<SqlConfig, 'warehouseId'>;
}

/** The Entra ID resource of Azure Databricks. Source: learn.microsoft.com/azure/databricks/dev-tools/auth/aad-service-prin. */
const DATABRICKS_SCOPE = '2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default';

/** Builds all clients: with a key where the configuration has one, else with the app's managed identity. */
export function createServices(config: Config): Services {
  const identity = new DefaultAzureCredential();
  const { storage, cosmos, databricks, topic } = config;
  const accountKey =
    storage.accountKey === undefined
      ? undefined
      : new StorageSharedKeyCredential(storage.accountName, storage.accountKey);
  const blobs = new BlobServiceClient(storage.blobEndpoint, accountKey ?? identity);
  const database = new CosmosClient({
    endpoint: cosmos.endpoint,
    ...(cosmos.key === undefined ? { aadCredentials: identity } : { key: cosmos.key }),
  }).database(cosmos.database);
  const publisher = new EventGridPublisherClient(
    topic.endpoint,
    'CloudEvent',
    topic.key === undefined ? identity : new AzureKeyCredential(topic.key),
    { allowInsecureConnection: topic.endpoint.startsWith('http:') },
  );
  const databricksToken = async (): Promise<string> =>
    databricks.token ?? (await identity.getToken(DATABRICKS_SCOPE)).token;
  const datasets = loadDatasets(config.datasetsFolder);
  const files = database.container(COSMOS_CONTAINERS.files.id);
  const runs = database.container(COSMOS_CONTAINERS.runs.id);
  const names = datasets.all.map(({ contract }) => contract.dataset);
  const insights = createInsightStore(database.container(COSMOS_CONTAINERS.insights.id));
  const publications = createPublications(database.container(COSMOS_CONTAINERS.publications.id));
  return {
    datasets,
    lake: createLake(blobs, storage.accountName),
    files: createFileLedger(files),
    batchLimits: config.batch,
    runs: createRunLog(runs),
    databricks: createDatabricksClient(databricks.host, databricksToken),
    pollMilliseconds: databricks.pollMilliseconds,
    sql: createSql(config, databricksToken),
    warehouse: createWarehouse(connector(config)),
    insights,
    publications,
    insightPages: createInsightPages(publications, insights),
    announcer: createAnnouncer(publisher),
    telemetry: createTelemetry(config.telemetry, identity),
    semanticModels: createSemanticModels(config.semanticModel, async (scope) => (await identity.getToken(scope)).token),
    changes: createChangeHub(createChanges(files, runs, names)),
    uploads: createUploads(blobs, accountKey),
    web: {
      files: loadWebFiles(config.webFolder),
      security: securityHeaders(originsOf(storage.blobEndpoint, config.auth.tokens?.issuer)),
    },
    identity: createIdentity(config.auth),
    pipelines: createPipelines(config, identity),
    pipelineRuns: createPipelineRunLog(
      database.container(COSMOS_CONTAINERS.pipelineRuns.id),
      config.dataFactory.factory?.name ?? 'none',
    ),
  };
}

function createPipelines({ dataFactory }: Config, identity: TokenCredential): Pipelines {
  const { factory, endpoint, scope, token, pollMilliseconds, settleSeconds } = dataFactory;
  const credential: TokenCredential =
    token === undefined ? identity : { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) };
  const client =
    factory === undefined
      ? undefined
      : createDataFactory(
          new DataFactoryManagementClient(credential, factory.subscription, {
            endpoint,
            credentialScopes: scope,
            retryOptions: { maxRetries: 0 }, // see createDataFactory
          }),
          factory.group,
          factory.name,
        );
  return {
    isConfigured: client !== undefined,
    pollMilliseconds,
    settleSeconds,
    factory() {
      if (client === undefined)
        throw new RequestProblem(503, 'No data factory is configured: set the app setting DATA_FACTORY_ID.');
      return client;
    },
  };
}

function createSql({ databricks, sql: { warehouseId, ...limits } }: Config, token: () => Promise<string>): Sql {
  const client =
    warehouseId === undefined ? undefined : createStatementClient(databricks.host, token, warehouseId, limits.catalog);
  return {
    limits,
    client() {
      if (client === undefined)
        throw new RequestProblem(503, 'No SQL warehouse is configured: set the app setting DATABRICKS_WAREHOUSE_ID.');
      return client;
    },
  };
}

/** The origins of URLs, those that are known. */
function originsOf(...urls: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(urls.flatMap((url) => (url === undefined ? [] : [new URL(url).origin])))];
}

let shared: Services | undefined;

/** The services of this process, built from its app settings at first use. */
export function services(): Services {
  shared ??= createServices(readConfig(process.env));
  return shared;
}

/** Opens the SQL pool once and again after it was lost. */
function connector({ synapse }: Config): () => Promise<sql.ConnectionPool> {
  let open: Promise<sql.ConnectionPool> | undefined;
  const settings: sql.config = {
    server: synapse.server,
    port: synapse.port,
    database: synapse.database,
    options: { encrypt: synapse.encrypt },
    requestTimeout: 600_000,
    ...(synapse.login ?? { authentication: { type: 'azure-active-directory-default', options: {} } }),
  };
  return async () => {
    if (open !== undefined && (await open.catch(() => undefined))?.connected !== true) open = undefined;
    open ??= new sql.ConnectionPool(settings).connect().then((pool) => pool.on('error', () => undefined));
    return open;
  };
}
