import { delimiter, join } from 'node:path';
import { factoryAuthority } from '../provision/data-factory.ts';
import { modelStore } from '../provision/models.ts';
import { OPERATIONS_DATABASE, type Ports, pythonProgram, ROOT, type Settings } from './endpoints.ts';
import type { ProcessSpec } from './managed-process.ts';

/** In which order servers stop: those first that would still do something with the others. */
export const STOP_ORDER = [
  ['functions-host'],
  ['data-factory', 'power-bi'],
  ['event-grid', 'databricks', 'synapse', 'cosmos', 'entra-id'],
  ['azurite'],
] as const;
export type ServerName = (typeof STOP_ORDER)[number][number];

/** How each server is started: with its state below a folder, on these ports, by these settings; requests are logged to a file. */
export function serverSpecs(
  stateFolder: string,
  ports: Ports,
  settings: Settings,
  accessLog?: string,
): Readonly<Record<ServerName, ProcessSpec>> {
  const data = (name: string): string => join(stateFolder, name);
  const python = pythonProgram('python');
  const spec = (
    name: ServerName,
    command: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    ready = /listening on /,
  ): ProcessSpec => ({
    name,
    command,
    args,
    ready,
    env: { ...process.env, ...env },
    cwd: ROOT,
    logFile: join(stateFolder, 'logs', `${name}.log`),
  });
  const node = (
    name: ServerName,
    script: string,
    args: readonly string[],
    env?: NodeJS.ProcessEnv,
    ready?: RegExp,
  ): ProcessSpec =>
    spec(name, process.execPath, ['--disable-warning=ExperimentalWarning', join(ROOT, script), ...args], env, ready);
  const background: typeof node = (...server) => ({ ...node(...server), background: true });
  const storage = {
    AZURE_STORAGE_USE_EMULATOR: 'true',
    AZURITE_BLOB_STORAGE_URL: `http://127.0.0.1:${ports.azurite}`,
    AZURE_STORAGE_ACCOUNT_NAME: settings.STORAGE_ACCOUNT_NAME,
    AZURE_STORAGE_ACCOUNT_KEY: settings.STORAGE_ACCOUNT_KEY,
  };
  const port = (number: number): string[] => ['--port', String(number)];
  return {
    azurite: node(
      'azurite',
      'emulators/blob-storage/cli.ts',
      [
        ...['--blobHost', '127.0.0.1', '--blobPort', String(ports.azurite)],
        ...['--queueHost', '127.0.0.1', '--queuePort', String(ports.queue)],
        ...['--tableHost', '127.0.0.1', '--tablePort', String(ports.table)],
        ...['--location', data('azurite'), '--skipApiVersionCheck', '--disableTelemetry'],
        '--silent',
      ],
      {},
      /Table service is successfully listening/,
    ),
    'event-grid': node(
      'event-grid',
      'emulators/event-grid/cli.ts',
      [
        ...port(ports.blob),
        '--data',
        data('event-grid'),
        '--blob',
        `http://127.0.0.1:${ports.azurite}`,
        '--topic',
        'landfall=EVENT_GRID_TOPIC_KEY',
      ],
      { EVENT_GRID_TOPIC_KEY: settings.EVENT_GRID_TOPIC_KEY },
    ),
    cosmos: node('cosmos', 'emulators/cosmos/cli.ts', [...port(ports.cosmos), '--data', data('cosmos')], {
      COSMOS_KEY: settings.COSMOS_KEY,
    }),
    databricks: node(
      'databricks',
      'emulators/databricks/cli.ts',
      [...port(ports.databricks), '--data', data('databricks'), '--python', python]
        .concat(['--pythonpath', join(ROOT, 'databricks', 'src'), '--bundle-root', join(ROOT, 'databricks')])
        .concat(['--preload', PRELOAD.join(), '--warehouse-id', settings.DATABRICKS_WAREHOUSE_ID ?? ''])
        .concat(['--statement-timeout-seconds', settings.SQL_TIMEOUT_SECONDS ?? '120'])
        .concat(['--catalog-root', `abfss://lake@${settings.STORAGE_ACCOUNT_NAME}.dfs.core.windows.net`]),
      {
        ...storage,
        DATABRICKS_TOKEN: settings.DATABRICKS_TOKEN,
        MLFLOW_TRACKING_URI: modelStore(stateFolder).uri,
        // LightGBM's threads otherwise spin while they wait, and take the cores from their neighbours.
        OMP_WAIT_POLICY: 'PASSIVE',
      },
    ),
    synapse: spec(
      'synapse',
      python,
      [
        '-m',
        'synapse_emulator',
        ...port(ports.synapse),
        '--data',
        data('synapse'),
        '--database',
        settings.SYNAPSE_DATABASE ?? '',
        '--sql-database',
        OPERATIONS_DATABASE,
      ]
        .concat(['--user', settings.SYNAPSE_USER ?? '', '--password-env', 'SYNAPSE_PASSWORD'])
        .concat(['--storage', `devstoreaccount1=http://127.0.0.1:${ports.azurite}/devstoreaccount1`]),
      {
        ...storage,
        SYNAPSE_PASSWORD: settings.SYNAPSE_PASSWORD,
        PYTHONPATH: [join(ROOT, 'emulators', 'synapse'), process.env.PYTHONPATH].filter(Boolean).join(delimiter),
      },
    ),
    'entra-id': node('entra-id', 'emulators/entra-id/cli.ts', [...port(ports.entraId), '--data', data('entra-id')]),
    'data-factory': node(
      'data-factory',
      'emulators/data-factory/cli.ts',
      [...port(ports.dataFactory), '--data', data('data-factory')]
        .concat(['--account-key', `${settings.STORAGE_ACCOUNT_NAME}=STORAGE_ACCOUNT_KEY`])
        .concat(['--secret', 'operations-database-password=SYNAPSE_PASSWORD']),
      {
        DATA_FACTORY_TOKEN: settings.DATA_FACTORY_TOKEN,
        STORAGE_ACCOUNT_KEY: settings.STORAGE_ACCOUNT_KEY,
        SYNAPSE_PASSWORD: settings.SYNAPSE_PASSWORD,
      },
    ),
    // The model is copied beside the batches, which do not wait for it (decision 11).
    'power-bi': background(
      'power-bi',
      'emulators/power-bi/cli.ts',
      [
        ...port(ports.powerBi),
        ...['--data', data('power-bi'), '--model', join(ROOT, 'semantic-model', 'analysis-services', 'model.bim')],
        ...['--source', `${settings.SYNAPSE_SERVER}:${ports.synapse}/${settings.SYNAPSE_DATABASE}`],
        ...['--source-user', settings.SYNAPSE_USER ?? ''],
        ...['--group', settings.POWER_BI_WORKSPACE_ID ?? '', '--dataset', settings.POWER_BI_DATASET_ID ?? ''],
        ...['--server', settings.ANALYSIS_SERVICES_SERVER ?? ''],
      ],
      {
        SYNAPSE_PASSWORD: settings.SYNAPSE_PASSWORD,
        POWER_BI_TOKEN: `${settings.POWER_BI_TOKEN},${settings.ANALYSIS_SERVICES_TOKEN}`,
      },
    ),
    'functions-host': node(
      'functions-host',
      'emulators/functions-host/cli.ts',
      [ROOT, ...port(ports.functions), '--data', data('functions-host')].concat(
        accessLog === undefined ? [] : ['--access-log', accessLog],
      ),
      { ...settings, NODE_EXTRA_CA_CERTS: factoryAuthority(stateFolder) },
    ),
  };
}

/** Modules that the jobs import, which a warm worker has loaded already. */
const PRELOAD = [
  ...['pandas', 'numpy', 'pyarrow.csv', 'pyarrow.dataset', 'pyarrow.parquet', 'pyarrow.fs', 'lightgbm', 'deltalake'],
  ...[
    'pyspark.sql.connect.session',
    'landfall_jobs.cli',
    'landfall_jobs.model.engine',
    'landfall_jobs.model.mlflow_registry',
    'mlflow.pyfunc',
    'mlflow.store.tracking.sqlalchemy_store',
    'mlflow.store.model_registry.sqlalchemy_store',
  ],
  ...['cleanse', 'score', 'train', 'rescore', 'insights'].map((job) => `landfall_jobs.jobs.${job}`),
];
