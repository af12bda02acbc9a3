import { provisionCosmos } from '../provision/cosmos.ts';
import { provisionDataFactory } from '../provision/data-factory.ts';
import { provisionDatabricks } from '../provision/databricks.ts';
import { provisionEventSubscription } from '../provision/event-subscription.ts';
import { provisionModels } from '../provision/models.ts';
import { provisionOperations } from '../provision/operations.ts';
import { provisionStorage } from '../provision/storage.ts';
import { provisionWarehouse } from '../provision/warehouse.ts';
import { defaultPorts, type Ports, type Settings, settingsAt } from './endpoints.ts';
import { type ManagedProcess, startProcess } from './managed-process.ts';
import { keysOfCoreTools, readKeys } from './read-keys.ts';
import { type ServerName, STOP_ORDER, serverSpecs } from './server-specs.ts';
import { untilAnswers } from './until-answers.ts';

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
  /** The file to which the Functions host appends each request, if any. */
  readonly accessLog?: string;
  /** App settings that take the place of those of local.settings.json. */
  readonly settings?: Settings;
  /** Told of each server once it is ready. */
  readonly onReady?: (name: string, seconds: number) => void;
}

/** Starts every server, sets up what the app needs in them, and subscribes the app to landed files. */
export async function startStack({
  stateFolder,
  ports = defaultPorts(),
  withoutHost = false,
  accessLog,
  settings: others = {},
  onReady = () => undefined,
}: StackOptions): Promise<Stack> {
  const endpoints = settingsAt(ports);
  const keys = withoutHost ? keysOfCoreTools(endpoints.FUNCTION_KEY ?? '') : readKeys(stateFolder);
  const settings = { ...endpoints, ...others, FUNCTION_KEY: keys.host };
  const specs = serverSpecs(stateFolder, ports, settings, accessLog);
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
