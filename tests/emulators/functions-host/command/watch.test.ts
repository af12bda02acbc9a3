import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { cleanUp, eventually, newFolder, startHost, type TestHost, tryStartHost, writeApp } from '../start-host.ts';

afterAll(cleanUp);

const answers = (answer: string) => `
const { app } = require('@azure/functions');
const df = require('durable-functions');
app.http('answer', { handler: () => ({ body: '${answer}' }) });
df.app.activity('now', { handler: () => '${answer}' });
df.app.orchestration('waits', function* (context) {
  const before = yield context.df.callActivity('now');
  const event = yield context.df.waitForExternalEvent('go');
  return [before, event, yield context.df.callActivity('now')];
});
`;

const app = (answer: string) =>
  writeApp({
    'package.json': '{ "main": "dist/*.js" }',
    'host.json': '{ "version": "2.0" }',
    'dist/functions.js': answers(answer),
    'src/functions.ts': '// built by hand',
  });

const body = async (host: TestHost) => (await fetch(`${host.url}/api/answer`)).text().catch(() => undefined);

/** Waits for the app to answer so; while the host starts again nobody answers. */
const untilAnswer = (host: TestHost, answer: string) =>
  eventually(async () => ((await body(host).catch(() => undefined)) === answer ? answer : undefined), `"${answer}"`);

const untilSaid = (host: TestHost, words: string) =>
  eventually(async () => (host.stderr().includes(words) ? words : undefined), words);

const durable = (host: TestHost, path: string, method = 'GET', content?: string) =>
  fetch(`${host.url}/runtime/webhooks/durabletask/${path}`, {
    method,
    headers: { 'x-functions-key': host.keys.master, 'content-type': 'application/json' },
    ...(content === undefined ? {} : { body: content }),
  });

describe('--watch', () => {
  test('starts the app again when a build has changed it, at the same port, and what waited goes on', async () => {
    const folder = app('one');
    const host = await startHost(folder, newFolder(), { args: ['--watch'] });
    expect(await body(host)).toBe('one');
    expect((await durable(host, 'orchestrators/waits/w1', 'POST')).status).toBe(202);
    await untilSaid(host, "Executed 'Functions.now'");

    writeFileSync(join(folder, 'dist/functions.js'), answers('two'));
    await untilAnswer(host, 'two');
    await durable(host, 'instances/w1/raiseEvent/go', 'POST', '"the event"');
    const status = await eventually(async () => {
      const now = (await (await durable(host, 'instances/w1')).json()) as { runtimeStatus: string; output: unknown };
      return now.runtimeStatus === 'Completed' ? now : undefined;
    }, 'the orchestration to complete');
    expect(status.output).toEqual(['one', 'the event', 'two']);
    expect(await host.stop()).toBe(0);
  });

  test('waits for the next change when a build cannot be loaded', async () => {
    const folder = app('one');
    const host = await startHost(folder, newFolder(), { args: ['--watch'] });
    writeFileSync(join(folder, 'dist/functions.js'), `throw new Error('half a build');`);
    await untilSaid(host, 'half a build');
    await untilSaid(host, 'waiting for the next change of the app');
    writeFileSync(join(folder, 'dist/functions.js'), answers('mended'));
    await untilAnswer(host, 'mended');
    writeFileSync(join(folder, 'host.json'), '{ "version": "2.0", }');
    await untilSaid(host, 'host.json, line 1, column 21');
    writeFileSync(join(folder, 'host.json'), '{ "version": "2.0" }');
    await untilAnswer(host, 'mended');
    expect(await host.stop()).toBe(0);
  });

  test('goes on with the old app until a clean build is there, and does not heed sources', async () => {
    const folder = app('one');
    const host = await startHost(folder, newFolder(), { args: ['--watch'] });
    rmSync(join(folder, 'dist'), { recursive: true });
    writeFileSync(join(folder, 'src/functions.ts'), '// edited');
    writeFileSync(join(folder, 'written-by-the-app.json'), '{}');
    await new Promise((resolve) => setTimeout(resolve, 700)); // longer than a build takes to settle
    expect(await body(host)).toBe('one');
    expect(host.stderr()).not.toContain('starting it again');
    renameSync(writeApp({ 'functions.js': answers('two') }), join(folder, 'dist'));
    await untilAnswer(host, 'two');
    rmSync(join(folder, 'dist'), { recursive: true });
    renameSync(writeApp({ 'functions.js': answers('three') }), join(folder, 'dist'));
    await untilAnswer(host, 'three');
    writeFileSync(join(folder, 'dist/functions.js'), answers('four'));
    await untilAnswer(host, 'four');
    expect(await host.stop()).toBe(0);
  });

  test('leaves no process behind when it is killed', async () => {
    const data = newFolder();
    const host = await startHost(app('one'), data, { args: ['--watch'] });
    await host.kill();
    const next = await startHost(app('two'), data);
    expect(await body(next)).toBe('two');
    await next.kill();
  });

  test('ends when the first start fails for something that no change of the app mends', async () => {
    const data = newFolder();
    const host = await startHost(app('one'), data);
    const second = await tryStartHost(app('one'), data, { args: ['--watch'] });
    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining('another functions host uses') });
    await host.kill();
  });
});

describe('--inspect', () => {
  test.each([[[]], [['--watch']]])('lets a debugger into the process of the app, from here only (%j)', async (args) => {
    const host = await startHost(app('one'), newFolder(), { args: ['--inspect=0', ...args] });
    const [url = '', port] = /ws:\/\/127\.0\.0\.1:(\d+)\/\S+/.exec(host.stderr()) ?? [];
    const socket = new WebSocket(url);
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    const answered = new Promise<{ data: string }>((resolve) => {
      socket.addEventListener('message', (message) => resolve(message as unknown as { data: string }));
    });
    const expression = 'process.env.WEBSITE_HOSTNAME';
    socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } }));
    const { result } = JSON.parse((await answered).data) as { result: { result: { value: string } } };
    expect(result.result.value).toBe(new URL(host.url).host);
    socket.close();

    const others = Object.values(networkInterfaces()).flatMap((addresses) =>
      (addresses ?? []).filter(({ internal, family }) => !internal && family === 'IPv4'),
    );
    for (const { address } of others) {
      await expect(fetch(`http://${address}:${port}/json/version`)).rejects.toThrow('fetch failed');
    }
    expect(await host.stop()).toBe(0);
  });
});
