import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { createApp } from './app.ts';
import { Engine } from './engine/engine.ts';
import type { CatalogOptions } from './sql/sql-worker.ts';
import { createWarehouse } from './sql/warehouse.ts';
import { openStore } from './store/store.ts';
import { createWorkerPool } from './worker/worker-pool.ts';

/** How a workspace is set up. */
export interface DatabricksOptions {
  /** 0 picks a free port. */
  readonly port: number;
  /** Folder of the state: jobs, runs, logs. */
  readonly data: string;
  /** Bearer tokens that are accepted. */
  readonly tokens: readonly string[];
  /** The Python interpreter; it needs pysail and pyspark-client. */
  readonly python: string;
  /** Folders of job code, put on `sys.path` of every task. */
  readonly pythonpath?: readonly string[];
  /** Modules to import once, ahead of all tasks; a change of their files starts Python anew. */
  readonly preload?: readonly string[];
  /** Where `python_file` paths and a `pyproject.toml` are looked up. */
  readonly bundleRoot?: string;
  /** Tasks that run at the same time; more wait. Default 2. */
  readonly maxParallelTasks?: number;
  /** Processes kept ready with Spark up. Default 2. */
  readonly spares?: number;
  /** The SQL warehouse, which only reads. */
  readonly sql?: SqlOptions;
}

/** How the workspace's one SQL warehouse is set up. */
export interface SqlOptions {
  /** Default `5f1d2c3b4a596877`. */
  readonly warehouseId?: string;
  /** Where its tables are; default: a catalog `main` without any. */
  readonly catalog?: CatalogOptions;
  /** Statements that run at the same time; more wait. Default 2. */
  readonly concurrency?: number;
  /** Rows go into chunks of about this size. Default 4 MiB. */
  readonly chunkBytes?: number;
  /** STATEMENT_TIMEOUT: a statement that runs longer is ended. Default 2 days, as in the service. */
  readonly timeoutMs?: number;
  /** Its processes end when they were idle for so long. Default 10 minutes. */
  readonly stopAfterMs?: number;
}

const WORKSPACE_ID = '1234567890123456';
const WAREHOUSE_ID = '5f1d2c3b4a596877';
const REPLACE_SPARE_AFTER_MS = 1000;

/** Starts a Databricks workspace on 127.0.0.1; runs that were active when it last stopped go on. */
export async function createDatabricks(
  options: DatabricksOptions,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const data = resolve(options.data);
  mkdirSync(data, { recursive: true });
  const folders = {
    data,
    bundleRoot: options.bundleRoot === undefined ? undefined : resolve(options.bundleRoot),
    pythonpath: (options.pythonpath ?? []).map((folder) => resolve(folder)),
  };
  let url = '';
  const workspace = { id: WORKSPACE_ID, userName: 'developer@localhost', url: () => url };
  const store = openStore(data);
  const server = createAdaptorServer({ fetch: (request) => app.fetch(request) });
  try {
    await listen(server, options.port);
  } catch (error) {
    store.close();
    throw error;
  }
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const pool = createWorkerPool({
    python: options.python,
    pythonpath: folders.pythonpath,
    preload: options.preload ?? [],
    spares: options.spares ?? 2,
    replaceAfterMs: REPLACE_SPARE_AFTER_MS,
  });
  const warehouse = createWarehouse({
    id: options.sql?.warehouseId ?? WAREHOUSE_ID,
    store: store.statements,
    folder: join(data, 'statements'),
    python: options.python,
    catalog: options.sql?.catalog ?? { name: 'main', schemas: [] },
    concurrency: options.sql?.concurrency ?? 2,
    chunkBytes: options.sql?.chunkBytes ?? 4 * 1024 * 1024,
    timeoutMs: options.sql?.timeoutMs ?? 172_800_000,
    stopAfterMs: options.sql?.stopAfterMs ?? 600_000,
  });
  const engine = new Engine({
    store,
    pool,
    folders,
    maxParallelTasks: options.maxParallelTasks ?? 2,
    workspaceId: WORKSPACE_ID,
    workspaceUrl: () => url,
  });
  const app = createApp({ store, engine, workspace, folders, pool, warehouse, tokens: options.tokens });
  engine.recover();
  return {
    url,
    close: async () => {
      engine.close();
      const closed = new Promise((done) => server.close(done));
      if ('closeAllConnections' in server) server.closeAllConnections();
      await Promise.all([closed, pool.close(), warehouse.close()]);
      store.close();
    },
  };
}

function listen(server: ReturnType<typeof createAdaptorServer>, port: number): Promise<void> {
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', done);
  });
}
