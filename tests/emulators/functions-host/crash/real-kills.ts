import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { HistoryEvent } from '../../../../emulators/functions-host/engine/types.ts';
import { type HostExit, type TestHost, tryStartHost } from '../start-host.ts';
import { requestsOver } from './http-requests.ts';
import { expectedEntities, expectedInstances } from './scenario.ts';
import { actOnce, type Requests } from './scripted-client.ts';

export interface Kill {
  /** The number of the write since the start of the process. */
  readonly write: number;
  readonly phase: 'before' | 'after';
}

/** A service that answers 202 as often as its URL says, for `callHttp`. */
export async function openJobService(): Promise<Server & { readonly origin: string }> {
  const server = createServer((request, response) => {
    const isLast = request.url?.endsWith('polls=0') === true;
    response.writeHead(isLast ? 200 : 202, isLast ? {} : { location: '/job?polls=0', 'retry-after': '0' });
    response.end(isLast ? 'done' : '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(server, { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

/**
 * Lets hosts die one after the other, each by SIGKILL at its write, over one data folder, and then one live to the end.
 * Gives how many died: fewer than asked for when one came to the end before its write.
 * @throws when the end is not that of a host that nobody kills, or a finished activity ran again.
 */
export async function dieAndGoOn(folder: string, base: string, kills: readonly Kill[]): Promise<number> {
  mkdirSync(folder, { recursive: true });
  let deaths = 0;
  for (const kill of kills) {
    const host = await start(folder, kill);
    const isOver = 'url' in host && (await act(requestsOver(host), base, folder));
    if ('url' in host) {
      await host.kill();
    }
    const died = readLines(join(folder, 'deaths.txt')).length;
    if (died === deaths) {
      if (!isOver) {
        throw new Error(`the host ended by itself: ${'stderr' in host ? host.stderr : ''}`);
      }
      break;
    }
    deaths = died;
  }
  const finished = finishedActivities(folder);
  const runsBefore = readLines(join(folder, 'runs.txt')).length;
  const host = await start(folder);
  if (!('url' in host)) {
    throw new Error(`the host does not start again: ${host.stderr}`);
  }
  if (!(await act(requestsOver(host), base, folder))) {
    throw new Error(`the host died by itself: ${host.stderr()}`);
  }
  await checkEnd(requestsOver(host));
  if ((await host.stop()) !== 0) {
    throw new Error(`the host does not stop in order: ${host.stderr()}`);
  }
  const again = readLines(join(folder, 'runs.txt'))
    .slice(runsBefore)
    .filter((input) => finished.includes(input));
  if (again.length > 0) {
    throw new Error(`finished, and run again: ${again.join(', ')}`);
  }
  return deaths;
}

function start(folder: string, kill?: Kill): Promise<TestHost | HostExit> {
  const preload = pathToFileURL(join(import.meta.dirname, 'die-at-write.mjs')).href;
  const env = {
    WORLD_FOLDER: folder,
    DEATHS_FILE: join(folder, 'deaths.txt'),
    ...(kill === undefined ? {} : { NODE_OPTIONS: `--import=${preload}`, DIE_AT_WRITE: `${kill.write} ${kill.phase}` }),
  };
  return tryStartHost('crash', join(folder, 'data'), { args: ['--log-level', 'error'], env });
}

/** Acts until all is over, or the host is dead: false. */
async function act(requests: Requests, base: string, folder: string): Promise<boolean> {
  const mending: Requests = {
    ...requests,
    rewind: async (id) => {
      writeFileSync(join(folder, 'mended'), '');
      await requests.rewind(id);
    },
  };
  for (let round = 0; round < 1000; round++) {
    try {
      if (await actOnce(mending, base)) {
        return true;
      }
    } catch (error) {
      if ((error as Error).name === 'TypeError') {
        return false; // What fetch throws when nobody listens any more.
      }
      throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('nothing goes on, and not all is over');
}

async function checkEnd(requests: Requests): Promise<void> {
  for (const [id, expected] of Object.entries(expectedInstances)) {
    const seen = await requests.see(id);
    if (JSON.stringify([seen?.status, seen?.output]) !== JSON.stringify(expected)) {
      throw new Error(`${id} ended as ${JSON.stringify(seen)}, not as ${JSON.stringify(expected)}`);
    }
  }
  for (const [key, expected] of Object.entries(expectedEntities)) {
    const state = await requests.entity(key);
    if (state !== expected) {
      throw new Error(`the entity ${key} holds ${state}, not ${expected}`);
    }
  }
}

/** The activities whose results are on disk, by instance and input: an input is its own result. */
function finishedActivities(folder: string): string[] {
  const path = join(folder, 'data', 'functions-host.sqlite');
  const database = new DatabaseSync(path);
  try {
    if (
      database.prepare("SELECT 1 FROM pragma_table_info('history') WHERE name = 'instance_seq'").get() === undefined
    ) {
      return []; // It died before its tables were made.
    }
    const rows = [
      ...database.prepare('SELECT id AS instance_id, events FROM history JOIN instances ON seq = instance_seq').all(),
      ...database.prepare("SELECT instance_id, '[' || event || ']' AS events FROM inbox").all(),
    ];
    return rows.flatMap(({ instance_id, events }) =>
      (JSON.parse(String(events)) as HistoryEvent[]).flatMap((event) =>
        event.type === 'activityCompleted' ? [`${instance_id} ${JSON.parse(event.result ?? 'null')}`] : [],
      ),
    );
  } finally {
    database.close();
  }
}

function readLines(path: string): string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n').filter(Boolean) : [];
}
