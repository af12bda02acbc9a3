import { join } from 'node:path';
import { LandfallError } from './errors.ts';

/** Everything that differs between environments: endpoints and credentials. A missing key means managed identity. */
export interface Config {
  readonly datasetsFolder: string;
  /** The built web app. */
  readonly webFolder: string;
  readonly storage: { readonly accountName: string; readonly blobEndpoint: string; readonly accountKey?: string };
  readonly cosmos: { readonly endpoint: string; readonly database: string; readonly key?: string };
  readonly databricks: { readonly host: string; readonly token?: string; readonly pollMilliseconds: number };
  readonly sql: SqlConfig;
  readonly batch: BatchConfig;
  readonly synapse: {
    readonly server: string;
    readonly port: number;
    readonly database: string;
    readonly encrypt: boolean;
    readonly login?: { readonly user: string; readonly password: string };
  };
  readonly dataFactory: DataFactoryConfig;
  readonly topic: { readonly endpoint: string; readonly key?: string };
  readonly auth: AuthConfig;
  readonly semanticModel: SemanticModelConfig;
  readonly telemetry: TelemetryConfig;
}

/** Where traces go; nowhere when neither is named. */
export interface TelemetryConfig {
  /** Of Application Insights. */
  readonly connectionString?: string;
  /** Whether Application Insights asks for the app's identity. */
  readonly withIdentity: boolean;
  /** Of an OTLP/HTTP collector. */
  readonly otlpEndpoint?: string;
}

/** Where the semantic model is; a service that is not named is left out. */
export interface SemanticModelConfig {
  readonly powerBi?: {
    readonly endpoint: string;
    readonly workspaceId: string;
    readonly datasetId: string;
    readonly token?: string;
  };
  readonly analysisServices?: {
    readonly endpoint: string;
    readonly server: string;
    readonly model: string;
    readonly token?: string;
  };
  /** After which a refresh is cancelled. */
  readonly refreshTimeoutSeconds: number;
}

/** Who may call the HTTP API. What is missing is not accepted. */
export interface AuthConfig {
  /** Whose access tokens count, and for whom they must be: the client id of the API's registration. */
  readonly tokens?: { readonly issuer: string; readonly audience: string };
  /** The web app's registration, as which browsers sign in. */
  readonly clientId?: string;
  /** The host's default function key. */
  readonly functionKey?: string;
}

/** Ad hoc SQL: without a warehouse there is none. */
export interface SqlConfig {
  readonly warehouseId?: string;
  /** The Unity Catalog that holds the schemas bronze, silver and gold. */
  readonly catalog: string;
  readonly rows: number;
  readonly bytes: number;
  /** How long a request waits before it answers 202: 5 to 50. */
  readonly waitSeconds: number;
  readonly timeoutSeconds: number;
}

/** How many of the files that wait one batch takes. */
export interface BatchConfig {
  readonly files: number;
  readonly bytes: number;
}

/** Data Factory: without a factory there are no pipelines. */
export interface DataFactoryConfig {
  readonly factory?: { readonly subscription: string; readonly group: string; readonly name: string };
  /** Azure Resource Manager, and the scope of its tokens. */
  readonly endpoint: string;
  readonly scope: string;
  readonly token?: string;
  readonly pollMilliseconds: number;
  /** How long a run that was asked for may take until the factory lists it. */
  readonly settleSeconds: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The app's root: `dist/shared` and `src/shared` are both two levels below it. */
const APP_ROOT = join(import.meta.dirname, '..', '..');

/**
 * Reads the configuration from app settings.
 * @throws LandfallError `MissingSetting` or `InvalidSetting`, naming the setting.
 */
export function readConfig(env: Environment): Config {
  const user = env.SYNAPSE_USER;
  return {
    datasetsFolder: env.DATASETS_FOLDER ?? join(APP_ROOT, 'datasets'),
    webFolder: join(APP_ROOT, 'dist', 'web'),
    storage: {
      accountName: required(env, 'STORAGE_ACCOUNT_NAME'),
      blobEndpoint: url(env, 'STORAGE_BLOB_ENDPOINT'),
      ...optional('accountKey', env.STORAGE_ACCOUNT_KEY),
    },
    cosmos: {
      endpoint: url(env, 'COSMOS_ENDPOINT'),
      database: env.COSMOS_DATABASE ?? 'landfall',
      ...optional('key', env.COSMOS_KEY),
    },
    databricks: {
      host: url(env, 'DATABRICKS_HOST'),
      pollMilliseconds: integer(env, 'DATABRICKS_POLL_MILLISECONDS', 1000),
      ...optional('token', env.DATABRICKS_TOKEN),
    },
    sql: {
      ...optional('warehouseId', env.DATABRICKS_WAREHOUSE_ID),
      catalog: env.DATABRICKS_CATALOG ?? 'main',
      rows: integer(env, 'SQL_ROW_LIMIT', 10_000),
      bytes: integer(env, 'SQL_BYTE_LIMIT', 16 * 1024 * 1024),
      waitSeconds: Math.min(50, Math.max(5, integer(env, 'SQL_WAIT_SECONDS', 10))),
      timeoutSeconds: integer(env, 'SQL_TIMEOUT_SECONDS', 120),
    },
    batch: {
      files: integer(env, 'BATCH_FILE_LIMIT', 1000),
      bytes: integer(env, 'BATCH_BYTE_LIMIT', 2 * 1024 ** 3),
    },
    synapse: {
      server: required(env, 'SYNAPSE_SERVER'),
      port: integer(env, 'SYNAPSE_PORT', 1433),
      database: required(env, 'SYNAPSE_DATABASE'),
      encrypt: env.SYNAPSE_ENCRYPT !== 'false',
      ...(user === undefined ? {} : { login: { user, password: required(env, 'SYNAPSE_PASSWORD') } }),
    },
    dataFactory: {
      ...factory(env, 'DATA_FACTORY_ID'),
      endpoint: (env.DATA_FACTORY_ENDPOINT ?? 'https://management.azure.com').replace(/\/$/, ''),
      scope: env.DATA_FACTORY_SCOPE ?? 'https://management.azure.com/.default',
      pollMilliseconds: integer(env, 'DATA_FACTORY_POLL_MILLISECONDS', 5_000),
      settleSeconds: integer(env, 'DATA_FACTORY_SETTLE_SECONDS', 60),
      ...optional('token', env.DATA_FACTORY_TOKEN),
    },
    topic: { endpoint: url(env, 'EVENT_GRID_TOPIC_ENDPOINT'), ...optional('key', env.EVENT_GRID_TOPIC_KEY) },
    auth: {
      ...(env.AUTH_ISSUER === undefined || env.AUTH_ISSUER === ''
        ? {}
        : { tokens: { issuer: url(env, 'AUTH_ISSUER'), audience: required(env, 'AUTH_AUDIENCE') } }),
      ...optional('clientId', env.AUTH_CLIENT_ID),
      ...optional('functionKey', resolved(env.FUNCTION_KEY)),
    },
    semanticModel: readSemanticModel(env),
    telemetry: {
      ...optional('connectionString', env.APPLICATIONINSIGHTS_CONNECTION_STRING),
      withIdentity: /(^|;)\s*Authorization=AAD\b/i.test(env.APPLICATIONINSIGHTS_AUTHENTICATION_STRING ?? ''),
      ...(isSet(env.OTEL_EXPORTER_OTLP_ENDPOINT) && { otlpEndpoint: url(env, 'OTEL_EXPORTER_OTLP_ENDPOINT') }),
    },
  };
}

function readSemanticModel(env: Environment): SemanticModelConfig {
  return {
    refreshTimeoutSeconds: integer(env, 'MODEL_REFRESH_TIMEOUT_SECONDS', 3600),
    ...(isSet(env.POWER_BI_DATASET_ID) && {
      powerBi: {
        endpoint: url(env, 'POWER_BI_ENDPOINT'),
        workspaceId: required(env, 'POWER_BI_WORKSPACE_ID'),
        datasetId: env.POWER_BI_DATASET_ID,
        ...optional('token', env.POWER_BI_TOKEN),
      },
    }),
    ...(isSet(env.ANALYSIS_SERVICES_SERVER) && {
      analysisServices: {
        endpoint: url(env, 'ANALYSIS_SERVICES_ENDPOINT'),
        server: env.ANALYSIS_SERVICES_SERVER,
        model: required(env, 'ANALYSIS_SERVICES_MODEL'),
        ...optional('token', env.ANALYSIS_SERVICES_TOKEN),
      },
    }),
  };
}

/** A Key Vault reference that Azure could not resolve reaches the app as its own text, which anybody can guess. */
function resolved(value: string | undefined): string | undefined {
  return value?.startsWith('@Microsoft.KeyVault(') ? undefined : value;
}

function required(env: Environment, name: string): string {
  const value = env[name];
  if (!isSet(value)) {
    throw new LandfallError(
      'MissingSetting',
      `The app setting ${name} is missing: add it to the Function app (or local.settings.json).`,
    );
  }
  return value;
}

function url(env: Environment, name: string): string {
  const value = required(env, name);
  if (!URL.canParse(value))
    throw new LandfallError('InvalidSetting', `The app setting ${name} must be a URL; it is '${value}'.`);
  return value.replace(/\/$/, '');
}

/** A factory by its resource id. */
function factory(env: Environment, name: string): Pick<DataFactoryConfig, 'factory'> {
  const id = env[name];
  if (id === undefined || id === '') return {};
  const found =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.DataFactory\/factories\/([^/]+)$/i.exec(
      id,
    );
  const [, subscription, group, factoryName] = found ?? [];
  if (subscription === undefined || group === undefined || factoryName === undefined)
    throw new LandfallError(
      'InvalidSetting',
      `The app setting ${name} must be the resource id of a data factory; it is '${id}'.`,
    );
  return { factory: { subscription, group, name: factoryName } };
}

function integer(env: Environment, name: string, fallback: number): number {
  const value = env[name];
  if (!isSet(value)) return fallback;
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number <= 0) {
    throw new LandfallError(
      'InvalidSetting',
      `The app setting ${name} must be a positive whole number; it is '${value}'.`,
    );
  }
  return number;
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}

function optional<K extends string>(name: K, value: string | undefined): { readonly [P in K]?: string } {
  return (isSet(value) ? { [name]: value } : {}) as { readonly [P in K]?: string };
}
