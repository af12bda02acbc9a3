import { BlobClient } from '../../../emulators/functions-host/storage/blob-client.ts';
import { QueueClient } from '../../../emulators/functions-host/storage/queue-client.ts';
import { storageAccount } from '../../../emulators/functions-host/storage/storage-account.ts';
import { cleanUp, eventually, newFolder, startHost, type TestHost } from './start-host.ts';
import { type TestStorage, withAzurite } from './with-azurite.ts';

/** A call that the test app `storage` tells of. */
export interface SeenCall {
  readonly name: string;
  readonly value: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** The test app `storage`, with an Azurite of its own. */
export interface StorageApp {
  host: TestHost;
  readonly blobs: BlobClient;
  readonly connectionString: string;
  queue(name: string): QueueClient;
  /** Starts a host on the data of the one before. */
  restart(env?: Readonly<Record<string, string>>): Promise<void>;
  calls(name: string): Promise<SeenCall[]>;
  /** Waits for a call with that value. */
  seen(name: string, value: unknown): Promise<SeenCall>;
  stop(): Promise<void>;
}

export function startStorageApp(): Promise<StorageApp> {
  return withAzurite(startOn);
}

async function startOn({ connectionString, stop }: TestStorage): Promise<StorageApp> {
  const account = storageAccount('Storage', { Storage: connectionString });
  const start = (dataFolder: string, env: Readonly<Record<string, string>> = {}) =>
    startHost('storage', dataFolder, { env: { Storage: connectionString, COPIES: 'copies', ...env } });
  const app: StorageApp = {
    host: await start(newFolder()),
    blobs: new BlobClient(account),
    connectionString,
    queue: (name) => new QueueClient(account, name),
    restart: async (env) => {
      app.host = await start(app.host.dataFolder, env);
    },
    calls: async (name) =>
      ((await (await fetch(`${app.host.url}/api/seen`)).json()) as SeenCall[]).filter((call) => call.name === name),
    seen: (name, value) =>
      eventually(
        async () => (await app.calls(name)).find((call) => JSON.stringify(call.value) === JSON.stringify(value)),
        `${name} with ${JSON.stringify(value)}`,
      ),
    stop: async () => {
      await cleanUp();
      await stop();
    },
  };
  return app;
}
