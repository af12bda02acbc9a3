import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { client, finished, start, status, until } from './durable-client.ts';
import { cleanUp, eventually, newFolder, startHost } from './start-host.ts';

afterAll(cleanUp);

const quiet = (dataFolder: string) => ({
  args: ['--log-level', 'error'],
  env: { TRACE_FILE: join(dataFolder, 'trace.txt') },
});

function trace(dataFolder: string): string[] {
  try {
    return readFileSync(join(dataFolder, 'trace.txt'), 'utf8').trimEnd().split('\n');
  } catch {
    return [];
  }
}

test('after kill -9 at any moment the story goes on, and no activity whose result was seen runs again', async () => {
  const data = newFolder();
  let host = await startHost('durable', data, quiet(data));
  const id = await start(host, 'steps', { count: 12, ms: 25 });
  const kills = 4;
  const seen = new Set<number>();
  for (let kill = 0; kill < kills; kill++) {
    const goal = (kill + 1) * 2;
    const now = await eventually(async () => {
      const step = ((await status(host, id)).customStatus as { step: number } | null)?.step ?? -1;
      return step >= goal ? step : undefined;
    }, `step ${goal}`);
    await host.kill();
    for (let step = 0; step <= now; step++) {
      seen.add(step);
    }
    const before = trace(data);
    host = await startHost('durable', data, quiet(data));
    await eventually(async () => (trace(data).length > before.length ? true : undefined), 'more work');
    const rerun = trace(data)
      .slice(before.length)
      .filter((line) => [...seen].some((step) => line === `start step${step}`));
    expect(rerun).toEqual([]);
  }
  expect((await finished(host, id)).output).toBe(12);
  const starts = trace(data).filter((line) => line.startsWith('start'));
  expect(starts.length).toBeGreaterThanOrEqual(12);
  expect(starts.length).toBeLessThanOrEqual(12 + kills);
  await host.kill();
});

test('timers, events, signals and locks outlive the host', async () => {
  const data = newFolder();
  let host = await startHost('durable', data, quiet(data));
  const timer = await start(host, 'timer', 700);
  const approval = await start(host, 'approval', 60_000);
  const suspended = await start(host, 'approval', 60_000);
  await client(host, 'suspend', suspended, 'later');
  await client(host, 'raiseEvent', suspended, 'approved', 'kept');
  await Promise.all(
    [1, 2, 3].map((amount) => client(host, 'signalEntity', { entity: ['Counter', 'e'] }, 'add', amount)),
  );
  const transfer = await start(host, 'transfer', { from: 'e', to: 'f', amount: 2 });
  await host.kill();

  host = await startHost('durable', data, quiet(data));
  await client(host, 'raiseEvent', approval, 'approved', 'yes');
  expect((await finished(host, approval)).output).toMatchObject({ value: 'yes' });
  expect((await until(host, suspended, 'Suspended')).output).toBeNull();
  await client(host, 'resume', suspended, 'now');
  expect((await finished(host, suspended)).output).toMatchObject({ value: 'kept' });
  expect((await finished(host, transfer)).output).toMatchObject({ balance: 6 });
  expect((await finished(host, timer)).output).toBe(true);
  expect(await client(host, 'readEntityState', { entity: ['Counter', 'f'] })).toMatchObject({ entityState: 2 });
  await host.kill();
});

test('SIGTERM ends in order with 0, and an activity that was cut off runs again', async () => {
  const data = newFolder();
  let host = await startHost('durable', data, quiet(data));
  const id = await start(host, 'steps', { count: 1, ms: 2500 });
  await eventually(async () => (trace(data).includes('start step0') ? true : undefined), 'the activity');
  expect(await host.stop()).toBe(0);
  expect(trace(data)).toEqual(['start step0']);
  host = await startHost('durable', data, quiet(data));
  expect((await finished(host, id)).output).toBe(1);
  expect(trace(data)).toEqual(['start step0', 'start step0', 'done step0']);
  expect(await host.stop()).toBe(0);
});
