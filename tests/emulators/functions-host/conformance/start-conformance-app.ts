import { EMULATOR_KEY } from '../../../../emulators/cosmos/http/authorize.ts';
import { startCosmos } from '../../cosmos/start-cosmos.ts';
import { startAzurite } from '../start-azurite.ts';
import { cleanUp, eventually, newFolder, startHost, type TestHost } from '../start-host.ts';

/** The app of the conformance tests, with a storage account and a Cosmos DB account of its own. */
export interface ConformanceApp {
  readonly host: TestHost;
  readonly storage: string;
  readonly cosmos: Awaited<ReturnType<typeof startCosmos>>;
  /** Calls an HTTP function. */
  call(path: string, init?: RequestInit): Promise<Response>;
  /** Waits until the log of the host has this text. */
  logged(text: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startConformanceApp(options: { streams: boolean }): Promise<ConformanceApp> {
  const azurite = await startAzurite();
  const cosmos = await startCosmos();
  const host = await startHost('conformance', newFolder(), {
    args: ['--no-keys'],
    env: {
      STREAMS: String(options.streams),
      AzureWebJobsStorage: azurite.connectionString,
      Cosmos: `AccountEndpoint=${cosmos.url}/;AccountKey=${EMULATOR_KEY};`,
    },
  });
  return {
    host,
    storage: azurite.connectionString,
    cosmos,
    call: (path, init) => fetch(`${host.url}/api/${path}`, init),
    logged: async (text) => {
      await eventually(async () => (host.stderr().includes(text) ? true : undefined), `"${text}" in the log`);
    },
    stop: async () => {
      await cleanUp();
      await cosmos.stop();
      await azurite.stop();
    },
  };
}
