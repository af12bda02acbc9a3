import { closeSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import { finished, start, status } from './durable-client.ts';
import { cleanUp, newFolder, startHost, type TestHost, tryStartHost } from './start-host.ts';

afterAll(cleanUp);

const quiet = { args: ['--log-level', 'none'] };
const fileOf = (data: string) => join(data, 'functions-host.sqlite');

/** The data folder of a host that has done something and was stopped. */
async function usedFolder(): Promise<string> {
  const data = newFolder();
  const host = await startHost('durable', data, quiet);
  await Promise.all(
    ['a', 'b', 'c'].map(async (id) => finished(host, await start(host, 'chain', ['x'.repeat(3000)], id))),
  );
  expect(await host.stop()).toBe(0);
  return data;
}

describe('a host whose state file is damaged says so, writes nothing and ends with 1', () => {
  const garble = (path: string, offset: number, text: string) => {
    const file = openSync(path, 'r+');
    writeSync(file, text, offset);
    closeSync(file);
  };
  test.each([
    ['a page is garbled', (path: string) => garble(path, 2 * 4096, 'garbled'.repeat(500))],
    ['the end is cut off', (path: string) => truncateSync(path, 5 * 4096)],
    ['the head is garbled', (path: string) => garble(path, 0, 'no database at all')],
    ['it is some other file', (path: string) => writeFileSync(path, 'a letter\n'.repeat(1000))],
  ])('when %s', async (_, damage) => {
    const data = await usedFolder();
    damage(fileOf(data));
    const before = readFileSync(fileOf(data));
    expect(await tryStartHost('durable', data, quiet)).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^functions-host: .*functions-host\.sqlite is damaged \(.*backup.*\n$/),
    });
    expect(readFileSync(fileOf(data)).equals(before)).toBe(true);
  });
});

test('a state file of a newer version is refused, and left as it is', async () => {
  const data = await usedFolder();
  const database = new DatabaseSync(fileOf(data));
  database.exec('PRAGMA user_version = 99');
  database.close();
  expect(await tryStartHost('durable', data, quiet)).toEqual({
    code: 1,
    stderr: expect.stringMatching(/^functions-host: .*newer version of the host.*another data folder\n$/),
  });
  expect(new DatabaseSync(fileOf(data)).prepare('PRAGMA user_version').get()).toEqual({ user_version: 99 });
});

test('when the disk is full the host says so and ends with 1; with room again, all goes on', async () => {
  const data = newFolder();
  const preload = pathToFileURL(join(import.meta.dirname, 'fill-disk.mjs')).href;
  let host: TestHost = await startHost('durable', data, {
    ...quiet,
    env: { NODE_OPTIONS: `--import=${preload}`, MAX_PAGES: '120' },
  });
  const waiting = await start(host, 'approval', 60_000);
  const answered: string[] = [];
  // Until there is no room for the next one.
  const code = await (async () => {
    for (let i = 0; i < 200; i++) {
      try {
        answered.push(await start(host, 'chain', ['y'.repeat(5000)], `filling-${i}`));
      } catch {
        return host.ended;
      }
    }
    throw new Error('the disk never fills');
  })();
  expect(code).toBe(1);
  expect(host.stderr()).toMatch(/^functions-host: the host ends.*is full: make room and start the host again.*\n$/);
  expect(answered.length).toBeGreaterThan(5);

  host = await startHost('durable', data, quiet);
  for (const id of answered) {
    expect((await finished(host, id)).output).toEqual([`Hello ${'y'.repeat(5000)}!`]);
  }
  expect((await finished(host, await start(host, 'chain', ['z']))).output).toEqual(['Hello z!']);
  expect((await status(host, waiting)).runtimeStatus).toBe('Running');
  await host.kill();
});

test('a data folder that is in use is refused, and free as soon as its host is killed', async () => {
  const data = newFolder();
  const host = await startHost('durable', data, quiet);
  expect(await tryStartHost('durable', data, quiet)).toEqual({
    code: 1,
    stderr: expect.stringMatching(/^functions-host: another functions host uses the data folder .*another --data\n$/),
  });
  await host.kill();
  const next = await startHost('durable', data, quiet);
  expect(await next.stop()).toBe(0);
});
