import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { createApp } from './http/app.ts';
import type { Model } from './model/model.ts';
import { parseModel } from './model/parse-model.ts';
import type { Service } from './refresh/refresh.ts';
import { Refresher } from './refresh/refresher.ts';
import type { SourceOptions } from './refresh/source.ts';
import { openSnapshots } from './snapshot/snapshots.ts';
import { openRefreshStore } from './store/refresh-store.ts';

/** How the services are set up. */
export interface PowerBiOptions {
  /** 0 picks a free port. */
  readonly port: number;
  /** Folder of the state: refreshes and snapshots. */
  readonly data: string;
  /** The model in TMSL, a `model.bim`. */
  readonly modelFile: string;
  /** Bearer tokens that are accepted. */
  readonly tokens: readonly string[];
  /** Where the model's data source really is, whatever address the model has. */
  readonly source: SourceOptions;
  /** Power BI's workspace and dataset. */
  readonly groupId?: string;
  readonly datasetId?: string;
  /** The name of the Analysis Services server. */
  readonly server?: string;
}

export const DEFAULTS = {
  groupId: '00000000-0000-0000-0000-000000000001',
  datasetId: '00000000-0000-0000-0000-000000000002',
  server: 'local',
} as const;

/** Starts Power BI and Analysis Services on 127.0.0.1; a refresh that ran when they last stopped goes on. */
export async function createPowerBi(
  options: PowerBiOptions,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const model = readModel(options.modelFile);
  const data = resolve(options.data);
  const store = openRefreshStore(data);
  const refreshers: Refresher[] = [];
  const openRefresher = async (service: Service): Promise<Refresher> => {
    const snapshots = await openSnapshots(data, service);
    const refresher = new Refresher({ service, model, source: options.source, store, snapshots });
    refreshers.push(refresher);
    return refresher;
  };
  const closeState = async (): Promise<void> => {
    await Promise.all(refreshers.map((refresher) => refresher.close()));
    store.close();
  };
  try {
    const powerBi = await openRefresher('power-bi');
    const analysisServices = await openRefresher('analysis-services');
    const {
      groupId = DEFAULTS.groupId,
      datasetId = DEFAULTS.datasetId,
      server: serverName = DEFAULTS.server,
    } = options;
    const app = createApp({
      model,
      store,
      powerBi: { refresher: powerBi, groupId, datasetId },
      analysisServices: { refresher: analysisServices, server: serverName },
      tokens: options.tokens,
    });
    const server = createAdaptorServer({ fetch: app.fetch });
    await new Promise<void>((done, fail) => {
      server.once('error', fail).listen(options.port, '127.0.0.1', done);
    });
    for (const refresher of refreshers) await refresher.recover();
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      async close() {
        const closed = new Promise((done) => server.close(done));
        if ('closeAllConnections' in server) server.closeAllConnections();
        await closed;
        await closeState();
      },
    };
  } catch (error) {
    await closeState();
    throw error;
  }
}

function readModel(file: string): Model {
  try {
    return parseModel(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Error(`The model ${file} cannot be used: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}
