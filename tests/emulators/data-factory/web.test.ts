import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { activity, after, newFactory } from './factory.ts';

let server: Server;
let base: string;
let polls = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    const json = (status: number, body: unknown, headers = {}) =>
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    void text(request).then((body) => {
      switch (request.url) {
        case '/echo':
          return json(200, {
            method: request.method,
            body,
            type: request.headers['content-type'],
            key: request.headers['x-key'],
          });
        case '/accepted':
          return json(202, {}, { location: '/poll', 'retry-after': '0' });
        case '/poll':
          polls += 1;
          return polls < 3 ? json(202, {}, { location: '/poll', 'retry-after': '0' }) : json(200, { done: true });
        case '/list':
          return json(200, [1, 2]);
        case '/never':
          return undefined;
        default:
          return json(418, { error: 'teapot' });
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const web = (name: string, path: string, typeProperties: object = {}, more: object = {}) =>
  activity(name, 'WebActivity', { method: 'GET', url: `${base}${path}`, ...typeProperties }, { ...more });

test('the answer of a Web activity is its output; what is posted is evaluated first', async () => {
  await using factory = await newFactory();
  await factory.put('p', {
    parameters: { key: { type: 'securestring' } },
    activities: [
      web(
        'echo',
        '/echo',
        {
          method: 'POST',
          headers: { 'x-key': '@pipeline().parameters.key' },
          body: { run: '@pipeline().Pipeline', n: '@add(1,1)' },
        },
        { policy: { secureInput: true, secureOutput: true } },
      ),
      web('list', '/list'),
      activity(
        'use',
        'Filter',
        { items: "@activity('list').output.Response", condition: "@equals(activity('echo').output.method, 'POST')" },
        { dependsOn: [...after('echo').dependsOn, ...after('list').dependsOn] },
      ),
      activity(
        'look',
        'Filter',
        { items: "@createArray(activity('echo').output.body, activity('echo').output.key)", condition: '@true' },
        after('echo'),
      ),
    ],
  });
  const run = await factory.run('p', { key: 's3cret' });
  expect(run.message).toBe('');
  const runs = new Map((await factory.activities(run.runId ?? '')).map((one) => [one.activityName, one]));
  expect(runs.get('echo')).toMatchObject({ input: null, output: null, status: 'Succeeded' });
  expect(runs.get('use')?.output).toMatchObject({ FilteredItemsCount: 2 });
  expect(runs.get('look')?.output.Value).toEqual(['{"run":"p","n":2}', 's3cret']);
});

test('an answer 202 is followed to its end, unless that is turned off', async () => {
  await using factory = await newFactory();
  await factory.put('p', {
    activities: [web('followed', '/accepted'), web('not', '/accepted', { turnOffAsync: true })],
  });
  const run = await factory.run('p');
  const runs = new Map((await factory.activities(run.runId ?? '')).map((one) => [one.activityName, one.output]));
  expect(run.status).toBe('Succeeded');
  expect(runs.get('followed')).toMatchObject({ done: true });
  expect(runs.get('not')).toMatchObject({ statuscode: 202 });
});

test('an error status fails with the body, a timeout with its length', async () => {
  await using factory = await newFactory();
  await factory.put('p', {
    activities: [web('bad', '/teapot'), web('slow', '/never', {}, { policy: { timeout: '0.00:00:01' } })],
  });
  const run = await factory.run('p');
  const runs = new Map((await factory.activities(run.runId ?? '')).map((one) => [one.activityName, one.error]));
  expect(run.status).toBe('Failed');
  expect(runs.get('bad')).toMatchObject({ errorCode: '2108', message: '{"error":"teapot"}' });
  expect(runs.get('slow')).toMatchObject({
    errorCode: 'ActivityTimeout',
    message: expect.stringContaining('1 seconds'),
  });
});
