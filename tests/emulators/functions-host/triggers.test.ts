import { statSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cleanUp, eventually, newFolder, startHost, type TestHost } from './start-host.ts';

let host: TestHost;

beforeAll(async () => {
  host = await startHost('triggers', newFolder(), { env: { TAKEN: 'from the environment' } });
});
afterAll(cleanUp);

const get = async (path: string, init: RequestInit = {}) => fetch(`${host.url}${path}`, init);

describe('HTTP functions', () => {
  test('get method, absolute URL, route parameters, query, headers and body', async () => {
    const answer = await get('/v1/ECHO/42/a%20b?x=1&y=2', { method: 'POST', body: 'hi', headers: { 'x-test': 'T' } });
    expect(await answer.json()).toEqual({
      method: 'POST',
      url: `${host.url}/v1/ECHO/42/a%20b?x=1&y=2`,
      params: { id: '42', rest: 'a b' },
      query: { x: '1', y: '2' },
      header: 'T',
      body: 'hi',
    });
  });

  test('a literal beats a constraint, and a path that meets none is not found', async () => {
    expect(await (await get('/v1/echo/me')).text()).toBe('me');
    const answer = await get('/v1/echo/word');
    expect([answer.status, await answer.text()]).toEqual([404, '']);
    expect(((await (await get('/v1/files/a/b/c.txt')).json()) as { params: object }).params).toEqual({
      path: 'a/b/c.txt',
    });
  });

  test('a method that the function does not take is not found', async () => {
    expect((await get('/v1/echo/1', { method: 'DELETE' })).status).toBe(404);
  });

  test('nothing returned is 204, a throw is 500, and the host lives on', async () => {
    expect((await get('/v1/nothing')).status).toBe(204);
    expect((await get('/v1/throws')).status).toBe(500);
    expect(await (await get('/v1/rejects')).text()).toBe('still here');
    await eventually(async () => (host.stderr().includes('nobody waits for this') ? true : undefined), 'the log');
    expect((await get('/v1/nothing')).status).toBe(204);
  });

  test('status, headers, cookies and bytes of the answer arrive', async () => {
    const answer = await get('/v1/cookies');
    expect(answer.status).toBe(201);
    expect(answer.headers.get('x-custom')).toBe('yes');
    expect(answer.headers.getSetCookie()).toEqual([
      'a=b%20c; path=/; samesite=lax; httponly',
      'every=attribute; expires=Tue, 01 Jan 2030 00:00:00 GMT; max-age=60; domain=example.com; path=/x; secure; samesite=none; httponly',
    ]);
    expect([...new Uint8Array(await answer.arrayBuffer())]).toEqual([0, 1, 255]);
  });

  test('belong to the trace of the caller, or to one of their own', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01`, tracestate: 'a=1' };
    expect(await (await get('/v1/trace', { headers })).json()).toEqual({
      traceParent: expect.stringMatching(new RegExp(`^00-${traceId}-(?!b7ad6b7169203331)[0-9a-f]{16}-01$`)),
      traceState: 'a=1',
      attributes: {},
    });
    const own = expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(await (await get('/v1/trace')).json()).toMatchObject({ traceParent: own });
    expect(await (await get('/v1/trace', { headers: { traceparent: 'nonsense' } })).json()).toMatchObject({
      traceParent: own,
    });
  });

  test('hooks can wrap the handler and change the result', async () => {
    expect(await (await get('/v1/hooked')).text()).toBe('before call after');
  });

  test.each([
    ['keyed', 'hostDefault', 200],
    ['keyed', 'master', 200],
    ['guarded', 'hostDefault', 401],
    ['guarded', 'master', 200],
  ] as const)('%s with the key %s answers %i, by header and by query', async (name, key, expected) => {
    const value = host.keys[key];
    expect((await get(`/v1/${name}`, { headers: { 'x-functions-key': value } })).status).toBe(expected);
    expect((await get(`/v1/${name}?code=${value}`)).status).toBe(expected);
    expect((await get(`/v1/${name}?code=wrong`)).status).toBe(401);
    expect((await get(`/v1/${name}`)).status).toBe(401);
  });

  test('the keys are random and readable by their owner only', () => {
    expect(statSync(join(host.dataFolder, 'keys.json')).mode & 0o777).toBe(0o600);
    expect(host.keys.master.length).toBeGreaterThanOrEqual(40);
    expect(host.keys.master).not.toBe(host.keys.hostDefault);
  });

  test('local settings fill what the environment lacks, and the host says where it is', async () => {
    expect(await (await get('/v1/environment')).json()).toEqual({
      GREETING: 'hello from settings',
      TAKEN: 'from the environment',
      WEBSITE_HOSTNAME: new URL(host.url).host,
      FUNCTIONS_WORKER_RUNTIME: 'node',
    });
  });
});

describe('Event Grid functions', () => {
  const deliver = (name: string, type: string | undefined, body: unknown) =>
    get(`/runtime/webhooks/eventgrid?functionName=${name}&code=${host.keys.systemKeys.eventgrid_extension}`, {
      method: 'POST',
      headers: type === undefined ? {} : { 'aeg-event-type': type },
      body: JSON.stringify(body),
    });
  const seen = async () => (await (await get('/v1/seen')).json()) as unknown[];

  test('answer the handshakes of both schemas', async () => {
    const event = [{ id: '1', data: { validationCode: 'abc' } }];
    expect(await (await deliver('one', 'SubscriptionValidation', event)).json()).toEqual({ validationResponse: 'abc' });
    const cloud = { specversion: '1.0', data: JSON.stringify({ validationCode: 'def' }) };
    expect(await (await deliver('ONE', 'subscriptionvalidation', cloud)).json()).toEqual({ validationResponse: 'def' });
    const options = await get(
      `/runtime/webhooks/eventgrid?functionName=one&code=${host.keys.systemKeys.eventgrid_extension}`,
      { method: 'OPTIONS', headers: { 'WebHook-Request-Origin': 'eventgrid.azure.net' } },
    );
    expect([options.status, options.headers.get('webhook-allowed-origin')]).toEqual([200, 'eventgrid.azure.net']);
  });

  test('get every event of an array alone, or all at once with cardinality many', async () => {
    const events = [
      { id: 'a', subject: 's1' },
      { id: 'b', subject: 's2' },
    ];
    expect((await deliver('one', 'Notification', events)).status).toBe(202);
    expect(await seen()).toEqual(expect.arrayContaining(events));
    expect((await deliver('many', 'Notification', events)).status).toBe(202);
    expect(await seen()).toContainEqual(events);
    const cloud = { specversion: '1.0', type: 't', source: 's', id: 'c' };
    expect((await deliver('one', 'Notification', cloud)).status).toBe(202);
    expect(await seen()).toContainEqual(cloud);
  });

  test('that fail have the whole delivery fail', async () => {
    const answer = await deliver('one', 'Notification', [{ subject: 'ok' }, { subject: 'fail' }]);
    expect([answer.status, await answer.text()]).toEqual([500, 'refused']);
  });

  test('are found by name, known by event type, and locked by a key', async () => {
    const unknown = await deliver('nobody', 'Notification', []);
    expect([unknown.status, await unknown.text()]).toEqual([404, "cannot find function: 'nobody'"]);
    expect((await deliver('one', 'Unsubscribe', {})).status).toBe(202);
    expect((await deliver('one', undefined, [])).status).toBe(400);
    expect((await get('/runtime/webhooks/eventgrid?functionName=one', { method: 'POST', body: '[]' })).status).toBe(
      401,
    );
  });
});

describe('timer functions', () => {
  type Runs = [string, { isPastDue: boolean; scheduleStatus: { next: string } | null }?][];
  const runs = async () => (await (await get('/v1/runs')).json()) as Runs;

  test('run at start if they are told to, and by their schedule', async () => {
    const first = await eventually(async () => (await runs()).find(([name]) => name === 'atStart'), 'the run at start');
    expect(first[1]).toMatchObject({ isPastDue: false });
    await eventually(async () => {
      return (await runs()).filter(([name]) => name === 'often').length >= 2 ? true : undefined;
    }, 'two runs a second apart');
  });

  test('run by hand with the master key only', async () => {
    const post = (headers: Record<string, string>) =>
      get('/admin/functions/nightly', { method: 'POST', headers, body: '{}' });
    expect((await post({})).status).toBe(401);
    expect((await post({ 'x-functions-key': host.keys.hostDefault })).status).toBe(401);
    expect((await post({ 'x-functions-key': host.keys.master })).status).toBe(202);
    const run = await eventually(async () => (await runs()).find(([name]) => name === 'nightly'), 'the run by hand');
    expect(run[1]?.scheduleStatus?.next).toMatch(/T03:00:00/);
  });

  test('that fail are tried again as their retry option says', async () => {
    await get('/admin/functions/retried', { method: 'POST', headers: { 'x-functions-key': host.keys.master } });
    const tries = await eventually(async () => {
      const all = (await runs()).filter(([name]) => name === 'retried');
      return all.length === 3 ? all : undefined;
    }, 'three tries');
    expect(tries.map(([, context]) => context)).toEqual([
      null,
      expect.objectContaining({ retryCount: 1, maxRetryCount: 3 }),
      expect.objectContaining({ retryCount: 2, exception: expect.objectContaining({ message: 'try 2' }) }),
    ]);
  });

  const runsOf = async (host: TestHost) => (await (await fetch(`${host.url}/v1/runs`)).json()) as Runs;
  const ranOf = (host: TestHost, wanted: string) =>
    eventually(async () => (await runsOf(host)).find(([name]) => name === wanted), `a run of ${wanted}`);

  /** A data folder in which a daily timer missed its time at this hour yesterday. */
  const missed = async (name: string, hour: number): Promise<string> => {
    const data = newFolder();
    expect(await (await startHost('triggers', data)).stop()).toBe(0);
    const database = new DatabaseSync(join(data, 'functions-host.sqlite'));
    const day = 86_400_000;
    const time = new Date().setUTCHours(hour, 0, 0, 0) - day;
    database
      .prepare('UPDATE timer_status SET last = ?, next = ?, updated = ? WHERE name = ?')
      .run(time - day, time, time - day, name);
    database.close();
    return data;
  };

  test('that missed their time while the host was down run at the next start, late', async () => {
    const late = await startHost('triggers', await missed('nightly', 3));
    expect((await ranOf(late, 'nightly'))[1]?.isPastDue).toBe(true);
    await late.kill();
  });

  test('run once for each time, when the host is stopped while they run', async () => {
    const first = await startHost('triggers', await missed('slow', 6));
    await ranOf(first, 'slow');
    expect(await first.stop()).toBe(0);
    const second = await startHost('triggers', first.dataFolder);
    await ranOf(second, 'atStart');
    expect((await runsOf(second)).map(([name]) => name)).not.toContain('slow');
    await second.kill();
  });

  test('run again when the host was killed while they ran', async () => {
    const first = await startHost('triggers', await missed('slow', 6));
    await ranOf(first, 'slow');
    await first.kill();
    const second = await startHost('triggers', first.dataFolder);
    await ranOf(second, 'slow');
    await second.kill();
  });
});

describe('the host', () => {
  test('tells its status without a key, and its functions with the master key', async () => {
    expect(await (await get('/admin/host/status')).json()).toMatchObject({ state: 'Running' });
    expect((await get('/admin/functions')).status).toBe(401);
    const functions = await (await get(`/admin/functions?code=${host.keys.master}`)).json();
    expect(functions).toContainEqual(expect.objectContaining({ name: 'echo' }));
  });

  test('lists functions with their URLs, and logs each call with its id and duration', async () => {
    await get('/v1/nothing');
    await eventually(
      async () => (host.stderr().includes("Executed 'Functions.nothing'") ? true : undefined),
      'the log',
    );
    expect(host.stderr()).toContain(`echo: [GET,POST] ${host.url}/v1/echo/{id:int}/{rest?}`);
    expect(host.stderr()).toMatch(/Executed 'Functions.nothing' \(Succeeded, Id=[0-9a-f]{8}, Duration=\d+ms\)\n/);
    expect(host.stderr()).not.toContain('ExperimentalWarning');
  });

  test('lets pages of the origins in local.settings.json call, and no others', async () => {
    const preflight = (origin: string) =>
      get('/v1/nothing', { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
    const allowed = await preflight('http://pages.test');
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([204, 'http://pages.test']);
    expect((await preflight('http://evil.test')).headers.get('access-control-allow-origin')).toBeNull();
  });

  test('leaves out a function that a setting disables', async () => {
    const other = await startHost('triggers', newFolder(), { env: { 'AzureWebJobs.echo.Disabled': 'true' } });
    expect((await fetch(`${other.url}/v1/echo/1`)).status).toBe(404);
    await other.kill();
  });
});

describe('an app that streams', () => {
  let streams: TestHost;
  beforeAll(async () => {
    streams = await startHost('streams', newFolder());
  });

  test('has each part of the answer arrive as it is written', async () => {
    const answer = await fetch(`${streams.url}/api/ticks/4`);
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    const times: number[] = [];
    let text = '';
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
      times.push(Date.now());
      text += Buffer.from(chunk).toString();
    }
    expect(text).toBe('data: 3\n\ndata: 2\n\ndata: 1\n\ndata: 0\n\n');
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(100);
  });

  test('gets a large body with headers, query and the outer URL', async () => {
    const body = Buffer.alloc(5_000_000, 'x');
    const answer = await fetch(`${streams.url}/api/upload?q=1`, { method: 'POST', body, headers: { 'x-test': 'T' } });
    expect(await answer.json()).toEqual({ size: 5_000_000, header: 'T', q: '1', url: `${streams.url}/api/upload?q=1` });
  });

  test('sees the headers of each request of a connection, those of the one before or others', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const sockets = new Set<unknown>();
    const seen: unknown[] = [];
    for (const mark of ['a', 'a', 'b', 'a']) {
      const outgoing = request(`${streams.url}/api/upload`, { method: 'POST', agent, headers: { 'x-test': mark } });
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        outgoing.once('response', resolve).once('error', reject).end('1');
      });
      sockets.add(outgoing.socket);
      seen.push(JSON.parse(await text(answer)).header);
    }
    agent.destroy();
    expect(seen).toEqual(['a', 'a', 'b', 'a']);
    expect(sockets.size).toBe(1);
  });

  test('answers 500 when the function throws, and 204 when it returns nothing', async () => {
    expect((await fetch(`${streams.url}/api/throws`)).status).toBe(500);
    expect((await fetch(`${streams.url}/api/nothing`)).status).toBe(204);
    expect((await fetch(`${streams.url}/api/cached`)).status).toBe(304);
  });

  test('is not disturbed by clients that go away while it answers, and answers several at once', async () => {
    await Promise.all(
      Array.from({ length: 5 }, async () => {
        const leaving = new AbortController();
        const answer = await fetch(`${streams.url}/api/ticks/4`, { signal: leaving.signal });
        await answer.body?.getReader().read();
        leaving.abort();
      }),
    );
    const texts = await Promise.all(
      [1, 2, 3].map(async (ticks) => (await fetch(`${streams.url}/api/ticks/${ticks}`)).text()),
    );
    expect(texts.map((text) => text.split('\n\n').length - 1)).toEqual([1, 2, 3]);
  });
});
