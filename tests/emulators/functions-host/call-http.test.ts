import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { run, webhook } from './durable-client.ts';
import { cleanUp, newFolder, startHost, type TestHost } from './start-host.ts';

type Reply = (request: IncomingMessage, response: ServerResponse, body: string) => void;

let host: TestHost;
let server: Server;
let origin: string;
const requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
const replies = new Map<string, Reply>();

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) {
      body += chunk;
    }
    const { method = '', url = '', headers } = request;
    requests.push({ method, url, headers, body });
    const reply = replies.get(url.split('?')[0] ?? '');
    if (reply === undefined) {
      response.writeHead(404).end('nothing here');
    } else {
      reply(request, response, body);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  host = await startHost('durable', newFolder(), {
    args: ['--log-level', 'error'],
    env: {
      IDENTITY_ENDPOINT: `${origin}/msi/token`,
      IDENTITY_HEADER: 'the header of the identity',
      AzureFunctionsJobHost__extensions__durableTask__httpSettings__defaultAsyncRequestSleepTimeMilliseconds: '20',
    },
  });
});
afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await cleanUp();
});

const seen = (path: string) => requests.filter(({ url }) => url.split('?')[0] === path);
const answer =
  (status: number, headers: Record<string, string>, body = ''): Reply =>
  (_request, response) =>
    response.writeHead(status, headers).end(body);

describe('callHttp', () => {
  test('sends method, headers and body, and gives an answer of any status', async () => {
    replies.set('/orders', (_request, response, body) =>
      response.writeHead(409, { 'x-made': 'once' }).end(`got ${body}`),
    );
    const output = await run(host, 'calls', {
      method: 'POST',
      url: `${origin}/orders`,
      headers: { 'Content-Type': 'application/json', 'X-Order': '7' },
      body: { id: 7 },
    });
    expect(output).toEqual({ status: 409, content: 'got {"id":7}', made: 'once' });
    expect(seen('/orders')).toMatchObject([
      { method: 'POST', body: '{"id":7}', headers: { 'content-type': 'application/json', 'x-order': '7' } },
    ]);
  });

  test('polls where 202 says, by GET with the same headers but the functions key, and at the pace of host.json', async () => {
    let left = 2;
    replies.set('/jobs', answer(202, { location: '/jobs/1' }));
    replies.set('/jobs/1', (request, response, body) =>
      answer(left-- > 0 ? 202 : 200, { location: '/jobs/1', 'x-made': 'late' }, 'done')(request, response, body),
    );
    const output = await run(host, 'calls', {
      method: 'POST',
      url: `${origin}/jobs`,
      headers: { 'x-functions-key': 'secret', 'x-order': '8' },
      body: 'begin',
    });
    expect(output).toEqual({ status: 200, content: 'done', made: 'late' });
    const polls = seen('/jobs/1');
    expect(polls.map(({ method, body }) => [method, body])).toEqual(Array(3).fill(['GET', '']));
    expect(polls.map(({ headers }) => [headers['x-order'], headers['x-functions-key']])).toEqual(
      Array(3).fill(['8', undefined]),
    );
  });

  test('gives a 202 as it is where polling is not wanted, or nothing says where', async () => {
    replies.set('/accepted', answer(202, { location: '/jobs/2' }, 'later'));
    replies.set('/nowhere', answer(202, {}, 'somewhere'));
    const url = (path: string) => `${origin}${path}`;
    expect(await run(host, 'calls', { method: 'GET', url: url('/accepted'), enablePolling: false })).toMatchObject({
      status: 202,
      content: 'later',
    });
    expect(await run(host, 'calls', { method: 'GET', url: url('/nowhere') })).toMatchObject({ content: 'somewhere' });
  });

  test('follows redirects', async () => {
    replies.set('/old', answer(302, { location: '/new' }));
    replies.set('/new', answer(200, {}, 'moved'));
    expect(await run(host, 'calls', { method: 'GET', url: `${origin}/old` })).toMatchObject({
      status: 200,
      content: 'moved',
    });
  });

  test('survives a Location that is no URL', async () => {
    replies.set('/odd', answer(202, { location: 'http://[', 'retry-after': 'soon' }));
    expect(await run(host, 'calls', { method: 'GET', url: `${origin}/odd` })).toEqual({
      error: expect.stringContaining('Failed to parse URL'),
    });
    expect(await run(host, 'chain', ['still here'])).toEqual(['Hello still here!']);
  });

  test('fails when nobody answers, in words that the story can catch', async () => {
    replies.set('/broken', (request) => request.socket.destroy());
    expect(await run(host, 'calls', { method: 'GET', url: `${origin}/broken` })).toEqual({
      error: expect.stringMatching(/fetch failed: .*\n GET http:.*\/broken/s),
    });
  });

  test('gets a token of the managed identity, once for many requests, and keeps it out of the history', async () => {
    const expires = String(Math.floor(Date.now() / 1000) + 3600);
    replies.set('/msi/token', (request, response, body) =>
      answer(
        request.headers['x-identity-header'] === 'the header of the identity' ? 200 : 401,
        {},
        JSON.stringify({ access_token: 'a-token', expires_on: expires, token_type: 'Bearer' }),
      )(request, response, body),
    );
    replies.set('/secured', (request, response) =>
      response.end(request.headers.authorization === 'Bearer a-token' ? 'welcome' : 'who are you?'),
    );
    const options = { method: 'GET', url: `${origin}/secured`, resource: 'https://management.core.windows.net' };
    expect(await run(host, 'calls', options, 'secured')).toMatchObject({ content: 'welcome' });
    await run(host, 'calls', options);
    const resources = seen('/msi/token').map(({ url }) => new URL(url, origin).searchParams.get('resource'));
    expect(resources.filter((resource) => resource === 'https://management.core.windows.net')).toHaveLength(1);
    const history = await fetch(webhook(host, 'instances/secured?showHistory=true&showHistoryOutput=true'));
    expect(await history.text()).toEqual(expect.not.stringContaining('a-token'));
  });

  test('says what is wrong when the identity gives no token', async () => {
    replies.set('/msi/token', answer(400, {}, '{"error":"unknown resource"}'));
    expect(await run(host, 'calls', { method: 'GET', url: `${origin}/x`, resource: 'https://nobody.example' })).toEqual(
      { error: expect.stringMatching(/got no token from http:.*\/msi\/token: it answered 400/) },
    );
  });
});
