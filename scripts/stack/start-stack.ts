import { delimiter, join } from 'node:path';
import { provisionCosmos } from '../provision/cosmos.ts';
import { factoryAuthority, provisionDataFactory } from '../provision/data-factory.ts';
import { provisionDatabricks } from '../provision/databricks.ts';
import { provisionEventSubscription } from '../provision/event-subscription.ts';
import { modelStore, provisionModels } from '../provision/models.ts';
import { provisionOperations } from '../provision/operations.ts';
import { provisionStorage } from '../provision/storage.ts';
import { provisionWarehouse } from '../provision/warehouse.ts';
import {
  defaultPorts,
  OPERATIONS_DATABASE,
  type Ports,
  pythonProgram,
  ROOT,
  type Settings,
  settingsAt,
} from './endpoints.ts';
import { type ManagedProcess, type ProcessSpec, startProcess } from './managed-process.ts';
import { keysOfCoreTools, readKeys } from './read-keys.ts';
import { untilAnswers } from './until-answers.ts';

/** In which order servers stop: those first that would still do something with the others. */
const STOP_ORDER = [
  ['functions-host'],
  ['data-factory', 'power-bi'],
  ['event-grid', 'databricks', 'synapse', 'cosmos', 'entra-id'],
  ['azurite'],
] as const;
export type ServerName = (typeof STOP_ORDER)[number][number];
export const SERVERS: readonly ServerName[] = STOP_ORDER.flat();

/** The running stack. */
export interface Stack {
  readonly ports: Ports;
  readonly settings: Settings;
  /** Where the HTTP API is, and the key that opens it. */
  readonly api: { readonly url: string; readonly key: string };
  /** Process ids by server. */
  pids(): Readonly<Record<string, number>>;
  /** Ends a server as a crash would. */
  kill(name: ServerName): Promise<void>;
  /** Starts a server that was killed, on its earlier state. */
  start(name: ServerName): Promise<void>;
  stop(): Promise<void>;
}

export interface StackOptions {
  /** Folder of all state; made when absent. */
  readonly stateFolder: string;
  readonly ports?: Ports;
  /** Leaves the Functions host to someone else, such as Core Tools: it is waited for, up to ten minutes. */
  readonly withoutHost?: boolean;
  /** Told of each server once it is ready. */
  readonly onReady?: (name: string, seconds: number) => void;
}

/** Starts every server, sets up what the app needs in them, and subscribes the app to landed files. */
export async function startStack({
  stateFolder,
  ports = defaultPorts(),
  withoutHost = false,
  onReady = () => undefined,
}: StackOptions): Promise<Stack> {
  const endpoints = settingsAt(ports);
  const keys = withoutHost ? keysOfCoreTools(endpoints.FUNCTION_KEY ?? '') : readKeys(stateFolder);
  const settings = { ...endpoints, FUNCTION_KEY: keys.host };
  const specs = serverSpecs(stateFolder, ports, settings);
  const running = new Map<ServerName, ManagedProcess>();
  const start = async (name: ServerName): Promise<void> => {
    const began = performance.now();
    running.set(name, await startProcess(specs[name]));
    onReady(name, (performance.now() - began) / 1000);
  };
  const stop = async (): Promise<void> => {
    for (const group of STOP_ORDER) {
      await Promise.all(group.map((name) => running.get(name)?.stop()));
    }
    running.clear();
  };
  try {
    provisionModels(stateFolder);
    await allSettled([
      start('azurite')
        .then(() => start('event-grid'))
        .then(() => provisionStorage(settings, webOrigins(ports))),
      start('cosmos').then(() => provisionCosmos(settings)),
      start('databricks').then(() => provisionDatabricks(settings)),
      start('synapse').then(() => provisionWarehouse(settings)),
      start('entra-id'),
      start('data-factory').then(() => provisionDataFactory(settings, ports, stateFolder)),
      start('power-bi'),
    ]);
    const host = withoutHost ? untilAnswers(`http://127.0.0.1:${ports.functions}/api/health`) : start('functions-host');
    await allSettled([host, provisionOperations(settings)]);
    await provisionEventSubscription(settings, `http://127.0.0.1:${ports.functions}`, keys.eventGrid);
    return {
      ports,
      settings,
      api: { url: `http://127.0.0.1:${ports.functions}/api`, key: keys.host },
      pids: () => Object.fromEntries([...running].map(([name, { pid }]) => [name, pid])),
      async kill(name) {
        await running.get(name)?.kill();
        running.delete(name);
      },
      start,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Where browsers reach the web app. */
function webOrigins({ functions }: Ports): readonly string[] {
  return [`http://127.0.0.1:${functions}`, `http://localhost:${functions}`];
}

/** Waits for all, also when one fails: what is still starting must be there to be stopped. */
async function allSettled(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function serverSpecs(stateFolder: string, ports: Ports, settings: Settings): Readonly<Record<ServerName, ProcessSpec>> {
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
    'power-bi': node(
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
      [ROOT, ...port(ports.functions), '--data', data('functions-host')],
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
