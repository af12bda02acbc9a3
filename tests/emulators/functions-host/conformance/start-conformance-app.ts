import { EMULATOR_KEY } from '../../../../emulators/cosmos/http/authorize.ts';
import { startCosmos } from '../../cosmos/start-cosmos.ts';
import { cleanUp, eventually, newFolder, startHost, type TestHost } from '../start-host.ts';
import { withAzurite } from '../with-azurite.ts';

/** The app of the conformance tests. */
export interface ConformanceApp {
  readonly host: TestHost;
  /** Calls an HTTP function. */
  call(path: string, init?: RequestInit): Promise<Response>;
  /** Waits until the log of the host has this text. */
  logged(text: string): Promise<void>;
}

/** The same with the services that its functions are bound to. */
export interface ServedConformanceApp extends ConformanceApp {
  readonly storage: string;
  readonly cosmos: Awaited<ReturnType<typeof startCosmos>>;
  stop(): Promise<void>;
}

const nowhere = 'http://127.0.0.1:9';

/** Starts the app without its services: functions that need them fail. `cleanUp` ends it. */
export async function startConformanceApp(options: {
  streams: boolean;
  storage?: string;
  cosmos?: string;
}): Promise<ConformanceApp> {
  const storage = `AccountName=a;AccountKey=a;BlobEndpoint=${nowhere};QueueEndpoint=${nowhere};TableEndpoint=${nowhere}`;
  const host = await startHost('conformance', newFolder(), {
    args: ['--no-keys'],
    env: {
      STREAMS: String(options.streams),
      AzureWebJobsStorage: options.storage ?? storage,
      Cosmos: `AccountEndpoint=${options.cosmos ?? nowhere}/;AccountKey=${EMULATOR_KEY};`,
    },
  });
  return {
    host,
    call: (path, init) => fetch(`${host.url}/api/${path}`, init),
    logged: async (text) => {
      await eventually(async () => (host.stderr().includes(text) ? true : undefined), `"${text}" in the log`);
    },
  };
}

/** Starts the app with an account of Storage and one of Cosmos DB. */
export function startServedConformanceApp(): Promise<ServedConformanceApp> {
  return withAzurite(async (azurite) => {
    const cosmos = await startCosmos();
    const app = await startConformanceApp({ streams: false, storage: azurite.connectionString, cosmos: cosmos.url });
    return {
      ...app,
      storage: azurite.connectionString,
      cosmos,
      stop: async () => {
        await cleanUp();
        await cosmos.stop();
        await azurite.stop();
      },
    };
  });
}
