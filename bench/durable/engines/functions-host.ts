import { join } from 'node:path';
import { ROOT } from '../../../scripts/stack/endpoints.ts';
import { startProcess } from '../../../scripts/stack/managed-process.ts';
import { nodeSpec, urlOf } from '../../support/node-server.ts';
import { type Engine, httpEngine, post } from './engine.ts';

const CLI = join(ROOT, 'emulators', 'functions-host', 'cli.ts');
const APP = join(import.meta.dirname, '..', 'app');

/** The embedded Functions host with the app of this benchmark. */
export interface FunctionsHost extends Engine {
  readonly url: string;
  readonly pid: number;
  /** From the start of the process until it listens. */
  readonly upSeconds: number;
  /** Runs an orchestration of the app until it is over. */
  run(name: string, input: number): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
}

/** Starts the host over a data folder: a new one, or one that another host left. */
export async function startFunctionsHost(dataFolder: string): Promise<FunctionsHost> {
  const args = [APP, '--data', dataFolder, '--port', '0', '--no-keys', '--log-level', 'warn'];
  const spec = nodeSpec('functions-host', CLI, args, `${dataFolder}.log`);
  const starting = performance.now();
  const host = await startProcess(spec);
  const upSeconds = (performance.now() - starting) / 1000;
  const url = urlOf(host);
  const run = (name: string): Engine =>
    httpEngine(
      'functions-host',
      `${url}/runtime/webhooks/durabletask/orchestrators/${name}?timeout=300&pollingInterval=1`,
      host.stop,
    );
  return {
    ...run('sequence'),
    url,
    pid: host.pid,
    upSeconds,
    kill: host.kill,
    run: (name, input) => run(name).sequence(input),
  };
}

/** Starts so many orchestrations that wait for an event, some at a time. */
export async function openInstances({ url }: FunctionsHost, count: number): Promise<void> {
  const start = async (share: number): Promise<void> => {
    for (let index = 0; index < share; index++) await post(`${url}/api/start?name=wait`, null);
  };
  const callers = 50;
  await Promise.all(Array.from({ length: callers }, () => start(count / callers)));
}
