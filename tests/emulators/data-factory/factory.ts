import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ActivityRun,
  DataFactoryManagementClient,
  type PipelineResource,
  type PipelineRun,
} from '@azure/arm-datafactory';
import { createDataFactory, type DataFactory, type DataFactoryOptions } from '../../../emulators/data-factory/index.ts';

export const GROUP = 'local';
export const FACTORY = 'landfall';
export const TOKEN = 'a-token-of-this-test';
const SUBSCRIPTION = '00000000-0000-0000-0000-000000000001';
const ALWAYS = { lastUpdatedAfter: new Date('2020-01-01'), lastUpdatedBefore: new Date('2100-01-01') };

/** A factory with a client of Microsoft's own SDK. */
export interface Factory extends AsyncDisposable {
  readonly server: DataFactory;
  readonly client: DataFactoryManagementClient;
  /** Puts a pipeline as it stands in git. */
  put(name: string, properties: Readonly<Record<string, unknown>>): Promise<void>;
  start(name: string, parameters?: Record<string, unknown>): Promise<string>;
  /** The run once it has ended. */
  ended(runId: string): Promise<PipelineRun>;
  /** Starts a pipeline and waits for its end. */
  run(name: string, parameters?: Record<string, unknown>): Promise<PipelineRun>;
  activities(runId: string): Promise<ActivityRun[]>;
}

/** Microsoft's client of an emulator, which trusts its authority. */
export function clientOf(url: string, caFile: string, token = TOKEN): DataFactoryManagementClient {
  const credential = { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) };
  return new DataFactoryManagementClient(credential, SUBSCRIPTION, {
    endpoint: url,
    credentialScopes: 'https://management.azure.com/.default',
    retryOptions: { maxRetries: 0 },
    tlsOptions: { ca: readFileSync(caFile) },
  });
}

/** What a test does with a running emulator. */
export function factoryOf(server: DataFactory, close: () => Promise<void>): Factory {
  const client = clientOf(server.url, server.caFile);
  const factory: Factory = {
    server,
    client,
    put: async (name, properties) => {
      await client.pipelines.createOrUpdate(GROUP, FACTORY, name, properties as unknown as PipelineResource);
    },
    start: async (name, parameters) => {
      const { runId } = await client.pipelines.createRun(
        GROUP,
        FACTORY,
        name,
        parameters === undefined ? {} : { parameters },
      );
      return runId;
    },
    ended: async (runId) => {
      for (;;) {
        const run = await client.pipelineRuns.get(GROUP, FACTORY, runId);
        if (run.runEnd !== undefined && run.runEnd !== null) return run;
        await sleep(20);
      }
    },
    run: async (name, parameters) => factory.ended(await factory.start(name, parameters)),
    activities: async (runId) => {
      const { value } = await client.activityRuns.queryByPipelineRun(GROUP, FACTORY, runId, ALWAYS);
      return value;
    },
    [Symbol.asyncDispose]: close,
  };
  return factory;
}

/** A new emulator in this process with a factory in it. */
export async function newFactory(options: Partial<DataFactoryOptions> = {}): Promise<Factory> {
  const data = options.data ?? mkdtempSync(join(tmpdir(), 'data-factory-test-'));
  const server = await createDataFactory({ port: 0, tokens: [TOKEN], ...options, data });
  const factory = factoryOf(server, async () => {
    await server.close();
    if (options.data === undefined) rmSync(data, { recursive: true, force: true });
  });
  await factory.client.factories.createOrUpdate(GROUP, FACTORY, { location: 'westeurope' });
  return factory;
}

/** An activity in short. */
export function activity(
  name: string,
  type: string,
  typeProperties: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return { name, type, typeProperties, ...more };
}

/** Dependencies in short: `after('a')`, `after('a', 'Failed', 'Skipped')`. */
export function after(name: string, ...conditions: readonly string[]) {
  return {
    dependsOn: [{ activity: name, dependencyConditions: conditions.length === 0 ? ['Succeeded'] : conditions }],
  };
}
