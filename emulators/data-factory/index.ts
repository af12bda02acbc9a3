import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { createConnections } from './connectors/connections.ts';
import { Engine } from './engine/engine.ts';
import { factoryRoutes } from './http/factories.ts';
import { resourceRoutes } from './http/resources.ts';
import { runRoutes } from './http/runs.ts';
import { createApiServer } from './http/server.ts';
import { triggerRoutes } from './http/triggers.ts';
import { openStore } from './store/store.ts';
import { loadCertificates } from './tls/load-certificates.ts';
import { Scheduler } from './triggers/scheduler.ts';

/** How the emulator is set up. */
export interface DataFactoryOptions {
  /** 0 picks a free port. */
  readonly port: number;
  /** Folder of the state and the certificates; made when absent. */
  readonly data: string;
  /** Bearer tokens that are accepted. */
  readonly tokens: readonly string[];
  /** Key Vault secrets by name: what an AzureKeyVaultSecret in a linked service gets. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Storage accounts that the factory's managed identity may use, with their keys. */
  readonly accountKeys?: Readonly<Record<string, string>>;
}

/** A running emulator. */
export interface DataFactory {
  readonly url: string;
  /** The file with the certificate of the authority that clients must trust. */
  readonly caFile: string;
  close(): Promise<void>;
}

/** Starts Data Factory's management API on 127.0.0.1; runs that were active when it last ended go on. */
export async function createDataFactory(options: DataFactoryOptions): Promise<DataFactory> {
  const data = resolve(options.data);
  mkdirSync(data, { recursive: true });
  const store = openStore(data);
  try {
    const connections = createConnections(store.resources, {
      secrets: new Map(Object.entries(options.secrets ?? {})),
      accountKeys: new Map(Object.entries(options.accountKeys ?? {})),
    });
    const engine = new Engine(store, connections);
    const scheduler = new Scheduler(store, engine);
    const server = createApiServer(loadCertificates(data), options.tokens, {
      ...factoryRoutes(store),
      ...resourceRoutes(store, () => scheduler.wake()),
      ...runRoutes(store, engine),
      ...triggerRoutes(store, scheduler),
    });
    await new Promise<void>((done, fail) => {
      server.once('error', fail);
      server.listen(options.port, '127.0.0.1', done);
    });
    engine.recover();
    scheduler.wake();
    return {
      url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
      caFile: join(data, 'ca.pem'),
      close: async () => {
        scheduler.close();
        const closed = new Promise((done) => server.close(done));
        server.closeAllConnections();
        await Promise.all([closed, engine.close()]);
        store.close();
      },
    };
  } catch (error) {
    store.close();
    throw error;
  }
}
