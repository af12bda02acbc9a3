import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { activity, after, FACTORY, type Factory, factoryOf, GROUP, TOKEN } from './factory.ts';

const CLI = join('emulators', 'data-factory', 'cli.ts');

function run(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', CLI, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DATA_FACTORY_TOKEN: TOKEN },
  });
}

async function outputOf(child: ChildProcess, wanted: RegExp): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    if (wanted.test(text)) return text;
  }
  throw new Error(`the emulator ended: ${text}`);
}

async function startEmulator(
  data: string,
): Promise<{ factory: Factory; kill: (signal: NodeJS.Signals) => Promise<number | null> }> {
  const child = run(['--port', '0', '--data', data]);
  const url = (await outputOf(child, /\n/)).replace('listening on ', '').trim();
  const kill = async (signal: NodeJS.Signals) => {
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
    return child.exitCode;
  };
  const server = { url, caFile: join(data, 'ca.pem'), close: async () => undefined };
  return { factory: factoryOf(server, async () => void (await kill('SIGKILL'))), kill };
}

test('a run that kill -9 interrupts goes on: what ended is not repeated, what ran is, and variables stay', async () => {
  const data = mkdtempSync(join(tmpdir(), 'data-factory-kill-'));
  const calls: string[] = [];
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const web = createServer((request, response) => {
    calls.push(request.url ?? '');
    const answer = () => response.setHeader('content-type', 'application/json').end('{"n": 9007199254740993}');
    if (request.url === '/slow' && calls.filter((url) => url === '/slow').length === 1) void held.then(answer);
    else answer();
  }).listen(0, '127.0.0.1');
  await once(web, 'listening');
  const base = `http://127.0.0.1:${(web.address() as { port: number }).port}`;
  const call = (name: string, path: string, more = {}) =>
    activity(name, 'WebActivity', { method: 'GET', url: `${base}${path}` }, more);
  try {
    const before = await startEmulator(data);
    await before.factory.client.factories.createOrUpdate(GROUP, FACTORY, { location: 'x' });
    await before.factory.put('inner', { activities: [call('slow', '/slow')] });
    await before.factory.put('p', {
      variables: { list: { type: 'Array' } },
      activities: [
        activity('each', 'ForEach', {
          items: '@range(0, 3)',
          isSequential: true,
          activities: [
            call('quick', '/quick'),
            activity(
              'add',
              'AppendVariable',
              { variableName: 'list', value: "@activity('quick').output.n" },
              after('quick'),
            ),
            activity(
              'last',
              'IfCondition',
              {
                expression: '@equals(item(), 2)',
                ifTrueActivities: [
                  activity('call', 'ExecutePipeline', {
                    pipeline: { referenceName: 'inner', type: 'PipelineReference' },
                    waitOnCompletion: true,
                  }),
                ],
              },
              after('add'),
            ),
          ],
        }),
        activity(
          'sum',
          'SetVariable',
          { variableName: 'list', value: "@createArray(string(variables('list')))" },
          after('each'),
        ),
      ],
    });
    const runId = await before.factory.start('p');
    while (!calls.includes('/slow')) await new Promise((resolve) => setTimeout(resolve, 20));
    await before.kill('SIGKILL');
    const { factory, kill } = await startEmulator(data);
    expect(await factory.ended(runId)).toMatchObject({ status: 'Succeeded', message: '' });
    expect(calls).toEqual(['/quick', '/quick', '/quick', '/slow', '/slow']);
    const runs = await factory.activities(runId);
    expect(runs.filter(({ activityName }) => activityName === 'call')).toHaveLength(1);
    const innerRunId = String(runs.find(({ activityName }) => activityName === 'call')?.output.pipelineRunId);
    expect((await factory.activities(innerRunId)).map(({ status, error }) => [status, error.errorCode])).toEqual([
      ['Failed', 'Interrupted'],
      ['Succeeded', ''],
    ]);
    // Numbers of 64 bits came through the crash whole.
    expect(runs.find(({ activityName }) => activityName === 'sum')?.output.value).toEqual([
      '[9007199254740993,9007199254740993,9007199254740993]',
    ]);
    expect(await kill('SIGTERM')).toBe(0);
  } finally {
    release();
    web.closeAllConnections();
    web.close();
    rmSync(data, { recursive: true, force: true });
  }
}, 20_000);

test('an ended emulator in order leaves runs to go on, and its certificate stays the same', async () => {
  const data = mkdtempSync(join(tmpdir(), 'data-factory-stop-'));
  try {
    const before = await startEmulator(data);
    const { client } = before.factory;
    await client.factories.createOrUpdate(GROUP, FACTORY, { location: 'x' });
    await before.factory.put('p', { activities: [activity('w', 'Wait', { waitTimeInSeconds: 1 })] });
    const runId = await before.factory.start('p');
    while ((await before.factory.activities(runId)).length === 0)
      await new Promise((resolve) => setTimeout(resolve, 10));
    const second = run(['--port', '0', '--data', data]);
    let reason = '';
    second.stderr?.on('data', (chunk: Buffer) => {
      reason += chunk.toString();
    });
    expect(await once(second, 'exit')).toEqual([1, null]);
    expect(reason).toContain('is another emulator using it?');
    expect(await before.kill('SIGTERM')).toBe(0);
    const { factory, kill } = await startEmulator(data);
    const ended = await factory.ended(runId);
    expect(ended.status).toBe('Succeeded');
    expect(await factory.activities(runId)).toHaveLength(1);
    await kill('SIGTERM');
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}, 20_000);

test('a bad option is one clear line and exit code 1', async () => {
  const child = run(['--port', 'x', '--data', '/nowhere']);
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  expect(await once(child, 'exit')).toEqual([1, null]);
  expect(text.trim().split('\n')).toEqual(['data-factory: --port x is not a port (see --help)']);
});
