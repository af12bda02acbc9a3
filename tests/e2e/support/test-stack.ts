import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiClient, type ApiFile, type ApiRun, createApiClient } from '../../../scripts/api-client.ts';
import { followFiles } from '../../../scripts/demo/follow-files.ts';
import { landBytes, landFile, landFolder } from '../../../scripts/demo/land-files.ts';
import { blobService } from '../../../scripts/provision/storage.ts';
import { freePorts, ROOT } from '../../../scripts/stack/endpoints.ts';
import { readKeys } from '../../../scripts/stack/read-keys.ts';
import { type Stack, startStack } from '../../../scripts/stack/start-stack.ts';

export const FLIGHTS = join(ROOT, '.data', 'flights');
export const REFERENCE = join(ROOT, '.data', 'reference');

const REFERENCE_DATASETS = ['airlines', 'airports', 'planes', 'weather'];
const HOUR_MILLISECONDS = 60 * 60 * 1000;
const SILENT = { step: () => undefined, file: () => undefined };

/** The time of nightly timers in test stacks, half a day away: the latest that has come. No timer goes off in a test. */
export const NIGHT = new Date(Date.now() - (Date.now() % HOUR_MILLISECONDS) - 12 * HOUR_MILLISECONDS);
const NIGHTLY = `0 0 ${NIGHT.getUTCHours()} * * *`;

/** A whole stack on ports and state of its own, with what tests do to it. */
export interface TestStack extends Stack {
  readonly client: ApiClient;
  readonly blobs: ReturnType<typeof blobService>;
  /** Where its state is, and tests may put files of their own. */
  readonly stateFolder: string;
  landReference(): Promise<void>;
  /** Lands local files at paths, all at once, and follows them to their ends. */
  land(files: Readonly<Record<string, string>>, datasets?: readonly string[]): Promise<readonly ApiFile[]>;
  /** Lands a text at a path, as `land` does. */
  landText(path: string, text: string | Buffer, dataset?: string): Promise<ApiFile>;
  /** Follows landed versions (eTags by path) to their ends. */
  follow(landed: ReadonlyMap<string, string>, datasets?: readonly string[]): Promise<readonly ApiFile[]>;
  runs(dataset: string): Promise<readonly ApiRun[]>;
  /** Every Databricks run that was ever started, newest first. */
  databricksRuns(): Promise<readonly { readonly run_id: number }[]>;
  /** Delivers an event to the app's webhook as Event Grid does; gives the HTTP status. */
  deliverEvent(event: object): Promise<number>;
  /** Resolves when no orchestration runs any more. */
  untilIdle(): Promise<void>;
  /** A copy of a month's file with some of its lines (without the header) changed; gives its path. */
  correctedMonth(name: string, change: (lines: readonly string[]) => readonly string[]): Promise<string>;
  /** Runs a timer function now, as the host's admin API does. */
  runTimer(name: string): Promise<void>;
  /** Stops everything in order and starts it again on the same state and ports. */
  restart(): Promise<void>;
  /** Stops it and removes its state. */
  dispose(): Promise<void>;
}

/** Starts a stack on free ports over an empty folder. */
export async function startTestStack(): Promise<TestStack> {
  const stateFolder = mkdtempSync(join(tmpdir(), 'landfall-e2e-'));
  const ports = await freePorts();
  const options = { stateFolder, ports, settings: { COPY_SCHEDULE: NIGHTLY, RETRAIN_SCHEDULE: NIGHTLY } };
  let stack = await startStack(options);
  const client = createApiClient(stack.api);
  const blobs = blobService(stack.settings);
  const follow: TestStack['follow'] = (landed, datasets = ['flights']) =>
    followFiles(client, datasets, landed, SILENT, 120);
  return {
    ...stack,
    pids: () => stack.pids(),
    kill: (name) => stack.kill(name),
    start: (name) => stack.start(name),
    stop: () => stack.stop(),
    client,
    blobs,
    stateFolder,
    follow,
    async landReference() {
      const landed = await landFolder(blobs, REFERENCE, 'reference');
      const bad = (await follow(landed, REFERENCE_DATASETS)).filter(({ status }) => status !== 'published');
      if (bad.length > 0) throw new Error(`reference data did not land: ${JSON.stringify(bad)}`);
    },
    async land(files, datasets) {
      const landed = await Promise.all(
        Object.entries(files).map(async ([path, file]) => [path, await landFile(blobs, file, path)] as const),
      );
      return follow(new Map(landed), datasets);
    },
    async landText(path, text, dataset = 'flights') {
      const etag = await landBytes(blobs, Buffer.from(text), path);
      const [file] = await follow(new Map([[path, etag]]), [dataset]);
      if (file === undefined) throw new Error(`${path} is not in the ledger`);
      return file;
    },
    runs: (dataset) => client.all<ApiRun>(`/runs?dataset=${dataset}`),
    async databricksRuns() {
      const runs: { run_id: number }[] = [];
      let token = '';
      do {
        const response = await fetch(`${stack.settings.DATABRICKS_HOST}/api/2.2/jobs/runs/list?limit=24${token}`, {
          headers: { authorization: `Bearer ${stack.settings.DATABRICKS_TOKEN}` },
        });
        const page = (await response.json()) as { runs?: { run_id: number }[]; next_page_token?: string };
        runs.push(...(page.runs ?? []));
        token =
          page.next_page_token === undefined || page.next_page_token === ''
            ? ''
            : `&page_token=${page.next_page_token}`;
      } while (token !== '');
      return runs;
    },
    async deliverEvent(event) {
      const { eventGrid } = readKeys(stateFolder);
      const url = `http://127.0.0.1:${stack.ports.functions}/runtime/webhooks/eventgrid?functionName=file-arrived&code=${eventGrid}`;
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'aeg-event-type': 'Notification' },
        body: JSON.stringify([event]),
      });
      await response.arrayBuffer();
      return response.status;
    },
    async untilIdle() {
      const { durable } = readKeys(stateFolder);
      const url = `http://127.0.0.1:${stack.ports.functions}/runtime/webhooks/durabletask/instances?runtimeStatus=Running,Pending&code=${durable}`;
      for (let tries = 0; tries < 600; tries++) {
        const instances = (await (await fetch(url)).json()) as { instanceId: string }[];
        if (instances.every(({ instanceId }) => instanceId.startsWith('@'))) return;
        await sleep(100);
      }
      throw new Error('orchestrations were still running after a minute');
    },
    async correctedMonth(name, change) {
      const [header = '', ...lines] = readFileSync(join(FLIGHTS, name), 'utf8').trimEnd().split('\n');
      const path = join(stateFolder, name);
      writeFileSync(path, `${[header, ...change(lines)].join('\n')}\n`);
      return path;
    },
    async runTimer(name) {
      const { master } = readKeys(stateFolder);
      const response = await fetch(`http://127.0.0.1:${stack.ports.functions}/admin/functions/${name}`, {
        method: 'POST',
        headers: { 'x-functions-key': master, 'content-type': 'application/json' },
        body: '{"input":""}',
      });
      if (response.status !== 202)
        throw new Error(`the timer was not run: ${response.status} ${await response.text()}`);
    },
    async restart() {
      await stack.stop();
      stack = await startStack(options);
    },
    async dispose() {
      await stack.stop();
      rmSync(stateFolder, { recursive: true, force: true });
    },
  };
}
