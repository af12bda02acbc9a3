import { type OutgoingHttpHeaders, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { client, finished, run, start, until } from '../durable-client.ts';
import { cleanUp, eventually, newFolder, startHost, type TestHost } from '../start-host.ts';

let host: TestHost;

beforeAll(async () => {
  host = await startHost('durable', newFolder(), { args: ['--log-level', 'error'] });
});
afterAll(cleanUp);

const get = (path: string, headers: Readonly<Record<string, string>> = { 'x-functions-key': host.keys.master }) =>
  fetch(`${host.url}/admin/durable${path}`, { headers, redirect: 'manual' });

interface Step {
  readonly index: number;
  readonly kind: string;
  readonly name: string;
  readonly status: string;
  readonly start: number;
  readonly end: number | null;
}
interface Details {
  readonly steps: readonly Step[];
  readonly stepCount: number;
  readonly parent: unknown;
  readonly input: unknown;
  readonly output: unknown;
}
const details = async (id: string, query = '') =>
  (await (await get(`/api/instances/${encodeURIComponent(id)}${query}`)).json()) as Details;
const brief = ({ steps }: Details) => steps.map(({ kind, name, status }) => `${kind} ${name} ${status}`);

describe('the files of the page', () => {
  test('need no key, run nothing but themselves, and are found by no other path', async () => {
    const page = await get('', {});
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; " +
        "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    );
    expect((await get('/main.js', {})).headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect((await get('/', {})).headers.get('location')).toBe('/admin/durable');
    const others = ['/tsconfig.json', '/..%2Fpage-api.ts', '/views', '/public/main.js'];
    expect(await Promise.all(others.map(async (path) => (await get(path, {})).status))).toEqual([404, 404, 404, 404]);
  });
});

describe('what the page reads', () => {
  test('takes the master key, and no other', async () => {
    const paths = ['/api/app', '/api/instances', '/api/instances/any', '/api/entities'];
    const { hostDefault, systemKeys } = host.keys;
    for (const key of ['', hostDefault, systemKeys.durabletask_extension]) {
      const answers = await Promise.all(paths.map((path) => get(path, { 'x-functions-key': key })));
      expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
      expect(await (await get('/api/access', { 'x-functions-key': key })).json()).toEqual({ allowed: false });
    }
    expect(await (await get('/api/access')).json()).toEqual({ allowed: true });
    expect((await get('/api/app')).headers.get('cache-control')).toBe('no-store');
  });

  test('changes nothing', async () => {
    for (const method of ['DELETE', 'POST', 'PUT']) {
      const headers = { 'x-functions-key': host.keys.master };
      const answer = await fetch(`${host.url}/admin/durable/api/instances/any`, { method, headers });
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET']);
    }
  });

  test('lists instances in pages, the newest first, that meet all filters', async () => {
    for (const n of [0, 1, 2, 3, 4]) {
      await run(host, n === 3 ? 'parent' : 'chain', [], `listed-${n}`);
    }
    const list = async (query: string) => {
      const { items, next } = (await (await get(`/api/instances?${query}`)).json()) as {
        items: { instanceId: string; parentId: string | null }[];
        next: string | null;
      };
      return { ids: items.map(({ instanceId }) => instanceId), items, next };
    };
    const first = await list('prefix=listed-&name=CHAIN&status=Completed,Failed&top=3');
    expect(first.ids).toEqual(['listed-4', 'listed-2', 'listed-1']);
    const second = await list(`prefix=listed-&name=chain&status=Completed,Failed&top=3&after=${first.next}`);
    expect([second.ids, second.next]).toEqual([['listed-0'], null]);
    expect((await list('prefix=listed-&status=Running')).ids).toEqual([]);
    expect((await list(`prefix=listed-&to=${new Date(0).toISOString()}`)).ids).toEqual([]);
    expect((await list(`prefix=listed-&from=${new Date(0).toISOString()}`)).ids).toHaveLength(6);
    const child = (await list('prefix=listed-3-two')).items[0];
    expect(child?.parentId).toBe('listed-3');
  });

  test('tells an instance with its steps, and the values of each', async () => {
    await run(host, 'parent', null, 'told');
    const told = await details('told');
    expect(brief(told)).toEqual([
      'orchestration child completed',
      'orchestration child completed',
      'orchestration child failed',
    ]);
    expect(told).toMatchObject({ parent: null, stepCount: 3, output: { text: expect.stringContaining('Hello one!') } });
    expect((await details('told-two')).parent).toEqual({ instanceId: 'told', exists: true });
    expect(await (await get('/api/instances/told/steps/1')).json()).toEqual({
      input: '{"name":"two"}',
      result: '"Hello two!"',
      details: null,
    });
    expect((await get('/api/instances/told/steps/3')).status).toBe(404);
    expect((await get('/api/instances/nobody')).status).toBe(404);
  });

  test('tells entity calls, signals and locks by name', async () => {
    await run(host, 'counting', 'named');
    await run(host, 'transfer', { from: 'named', to: 'other', amount: 1 }, 'named-transfer');
    const list = (await (await get('/api/instances?name=counting&top=1')).json()) as {
      items: { instanceId: string }[];
    };
    expect(brief(await details(list.items[0]?.instanceId ?? ''))).toEqual([
      'signal counter/named add completed',
      'entity counter/named add completed',
      'entity counter/named get completed',
      'entity counter/named nonsense failed',
    ]);
    const locks = brief(await details('named-transfer'));
    expect(locks[0]).toBe('lock lock counter/named completed');
    expect(locks.filter((step) => step.startsWith('lock release'))).toHaveLength(2);
  });

  test('tells what is under way, fired, canceled, suspended and raised', async () => {
    const id = await start(host, 'approval', 600_000, 'under-way');
    await client(host, 'suspend', id, 'a pause');
    await until(host, id, 'Suspended');
    expect(brief(await details(id))).toEqual(['timer Timer pending', 'suspended Suspended pending']);
    await client(host, 'resume', id, '');
    await client(host, 'raiseEvent', id, 'approved', { by: 'me' });
    await finished(host, id);
    expect(brief(await details(id))).toEqual([
      'timer Timer canceled',
      'suspended Suspended completed',
      'event approved completed',
      'activity hello completed',
    ]);
    expect(await (await get(`/api/instances/${id}/steps/2`)).json()).toMatchObject({ input: '{"by":"me"}' });
  });

  test('is asked again for little while nothing changes', async () => {
    await run(host, 'chain', ['a', 'b'], 'tagged');
    const first = await get('/api/instances/tagged');
    const etag = first.headers.get('etag') ?? '';
    const headers = { 'x-functions-key': host.keys.master, 'if-none-match': etag };
    expect((await get('/api/instances/tagged', headers)).status).toBe(304);
    expect((await get('/api/instances/tagged?steps=1', headers)).status).toBe(200);
    expect(await details('tagged', '?steps=1')).toMatchObject({ stepCount: 2, steps: [{ index: 0 }] });
  });

  test('leaves long values to be fetched alone', async () => {
    const long = 'x'.repeat(10_000);
    await run(host, 'child', { name: long, fail: false }, 'long');
    expect((await details('long')).input).toEqual({ length: JSON.stringify({ name: long, fail: false }).length });
    const { text } = (await (await get('/api/instances/long/values/input')).json()) as { text: string };
    expect(JSON.parse(text)).toEqual({ name: long, fail: false });
    expect((await get('/api/instances/long/values/protocolState')).status).toBe(404);
  });

  test('lists entities with their state and who holds their lock', async () => {
    await run(host, 'counting', 'held');
    const id = await start(host, 'transfer', { from: 'held', to: 'held-2', amount: 1 });
    const list = async () => {
      const { items } = (await (await get('/api/entities?name=Counter&prefix=held')).json()) as {
        items: { key: string; state: unknown; lockedBy: string | null }[];
      };
      return items;
    };
    await eventually(
      async () => ((await list()).some(({ lockedBy }) => lockedBy === id) ? true : undefined),
      'the lock',
    );
    await finished(host, id);
    await eventually(
      async () => ((await list()).every(({ lockedBy }) => lockedBy === null) ? true : undefined),
      'no lock',
    );
    expect((await list()).map(({ key, state }) => [key, state])).toEqual([
      ['held', { text: '6' }],
      ['held-2', { text: '1' }],
    ]);
  });
});

describe('with --no-keys', () => {
  let open: TestHost;
  beforeAll(async () => {
    open = await startHost('durable', newFolder(), { args: ['--no-keys', '--log-level', 'error'] });
  });

  /** The status of a request with these headers; `fetch` would not let us forge them. */
  const statusOf = (path: string, headers: OutgoingHttpHeaders) =>
    new Promise<number | undefined>((resolve, reject) => {
      request(open.url + path, { method: 'POST', headers }, (answer) => resolve(answer.resume().statusCode))
        .on('error', reject)
        .end();
    });
  const terminate = '/runtime/webhooks/durabletask/instances/nobody/terminate';

  test('the page needs none', async () => {
    expect((await fetch(`${open.url}/admin/durable/api/instances`)).status).toBe(200);
  });

  test.each<[OutgoingHttpHeaders, number]>([
    [{}, 404],
    [{ origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' }, 404],
    [{ host: '127.0.0.1' }, 404],
    [{ 'sec-fetch-site': 'cross-site' }, 401],
    [{ origin: 'https://evil.test' }, 401],
    [{ origin: 'null' }, 401],
    [{ host: 'evil.test:7071' }, 401],
  ])('a request with %j to manage instances is answered %i', async (headers, expected) => {
    expect(await statusOf(terminate, headers)).toBe(expected);
  });

  test('a page of elsewhere that has a key may manage instances', async () => {
    const { durabletask_extension: key } = open.keys.systemKeys;
    expect(await statusOf(`${terminate}?code=${key}`, { origin: 'https://pages.test' })).toBe(404);
  });
});
