import { request } from 'node:http';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { landFile } from '../../scripts/demo/land-files.ts';
import { parseEventStream, type ServerEvent } from '../../web/src/api/parse-event-stream.ts';
import { REFERENCE, startTestStack, type TestStack } from './support/test-stack.ts';

describe('what the web app is served by', () => {
  let stack: TestStack;
  let origin: string;
  beforeAll(async () => {
    stack = await startTestStack();
    origin = new URL(stack.api.url).origin;
  });
  afterAll(() => stack.dispose());

  const key = (): Record<string, string> => ({ 'x-functions-key': stack.api.key });
  const post = async (path: string, body: object): Promise<{ status: number; body: Record<string, string> }> => {
    const response = await fetch(`${stack.api.url}${path}`, {
      method: 'POST',
      headers: key(),
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  };

  test('the address alone leads to the page, which is checked each time and lets nothing foreign in', async () => {
    const home = await fetch(origin, { redirect: 'manual' });
    expect([home.status, home.headers.get('location')]).toEqual([302, '/app/']);
    const page = await fetch(`${origin}/app/`);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    expect(await page.text()).toContain('<div id="app">');
    const policy = page.headers.get('content-security-policy') ?? '';
    const storage = new URL(stack.settings.STORAGE_BLOB_ENDPOINT ?? '').origin;
    const issuer = new URL(stack.settings.AUTH_ISSUER ?? '').origin;
    expect(policy).toContain(`connect-src 'self' ${storage} ${issuer};`);
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');

    const etag = page.headers.get('etag') ?? '';
    const again = await fetch(`${origin}/app/operations/flights-00000001`, { headers: { 'if-none-match': etag } });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  test('files with a hash in their name are kept for a year, and come compressed to who takes that', async () => {
    const page = await (await fetch(`${origin}/app/`)).text();
    const [script = ''] = /\/app\/assets\/index-[^"]+\.js/.exec(page) ?? [];
    const plain = await get(`${origin}${script}`, {});
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(plain.headers['content-type']).toBe('text/javascript; charset=utf-8');
    const zipped = await get(`${origin}${script}`, { 'accept-encoding': 'gzip, br' });
    expect(zipped.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(zipped.body)).toEqual(plain.body);
    expect((await get(`${origin}/app/service-worker.js`, {})).headers['cache-control']).toBe('no-cache');
  });

  test.each([
    '/app/../package.json',
    '/app/..%2f..%2fpackage.json',
    '/app/%2e%2e/%2e%2e/local.settings.json',
    '/app/.built',
  ])('there is no way out of its folder by %s', async (path) => {
    const { status, body } = await get(origin + path, {});
    expect(status).toBe(404);
    expect(body.toString()).not.toContain('landfall"');
  });

  test('changes come as events, and go on where a client was', async () => {
    const following = followEvents(origin, key());
    await following.until(({ event }) => event === 'hello');
    await landFile(stack.blobs, join(REFERENCE, 'airlines.csv'), 'reference/airlines.csv');
    const published = await following.until(
      ({ event, data }) => event === 'file' && JSON.parse(data).status === 'published',
    );
    const ended = await following.until(({ event, data }) => event === 'run' && JSON.parse(data).status !== 'running');
    following.close();
    expect(JSON.parse(published.data)).toMatchObject({ path: 'reference/airlines.csv', rows: { loaded: 16 } });
    expect(Object.keys(JSON.parse(published.data)).filter((name) => name.startsWith('_'))).toEqual([]);
    expect(JSON.parse(ended.data)).toMatchObject({ id: 'airlines-00000001', status: 'succeeded' });

    const later = followEvents(origin, { ...key(), 'last-event-id': published.id });
    const missed = await later.until(({ event }) => event === 'file');
    later.close();
    expect(JSON.parse(missed.data)).toMatchObject({ path: 'reference/airlines.csv', status: 'published' });

    const muchLater = followEvents(origin, { ...key(), 'last-event-id': '1000000000' });
    expect((await muchLater.until(({ event }) => event !== 'hello')).event).toBe('reset');
    muchLater.close();
  });

  test('an upload may write the one blob that was asked for, and nothing else', async () => {
    const granted = await post('/uploads', { path: 'reference/airlines-more.csv', size: 40 });
    expect(granted).toMatchObject({
      status: 201,
      body: { dataset: 'airlines', path: 'reference/airlines-more.csv', method: 'PUT' },
    });
    const minutes = (Date.parse(granted.body.expiresAt ?? '') - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(5);
    expect(minutes).toBeLessThan(15);
    const url = granted.body.url ?? '';
    const headers = granted.body.headers as unknown as Record<string, string>;
    const put = (to: string): Promise<Response> =>
      fetch(to, { method: 'PUT', headers, body: 'carrier,name\nXX,Landfall Air\n' });
    expect((await put(url)).status).toBe(201);
    expect((await put(url.replace('airlines-more', 'airlines-else'))).status).toBe(403);
    expect((await fetch(url)).status).toBe(403);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
  });

  test('the storage lets pages of the app send files, and no others', async () => {
    const { body } = await post('/uploads', { path: 'reference/airlines-more.csv', size: 40 });
    const preflight = async (from: string): Promise<Response> =>
      fetch(body.url ?? '', {
        method: 'OPTIONS',
        headers: {
          origin: from,
          'access-control-request-method': 'PUT',
          'access-control-request-headers': 'x-ms-blob-type,content-type',
        },
      });
    const own = await preflight(origin);
    expect([own.status, own.headers.get('access-control-allow-origin')]).toEqual([200, origin]);
    expect((await preflight('http://elsewhere.example')).status).toBe(403);
  });

  test('the datasets tell what is expected', async () => {
    const { datasets } = await stack.client.get<{ datasets: Record<string, unknown>[] }>('/datasets');
    expect(datasets.find(({ dataset }) => dataset === 'airlines')).toMatchObject({
      path: 'reference/airlines*.csv',
      table: 'main.silver.airlines',
      columns: [{ name: 'carrier', type: 'string', nullable: false }, { name: 'name' }],
    });
  });
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

/** GET of exactly this path: `fetch` would tidy it up, and unpack the answer. */
function get(url: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
  const [, host = '', path = ''] = /^http:\/\/([^/]+)(.*)$/.exec(url) ?? [];
  const [hostname, port] = host.split(':');
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    })
      .on('error', reject)
      .end();
  });
}

/** A client of /api/events. */
function followEvents(
  origin: string,
  headers: Readonly<Record<string, string>>,
): { until(wanted: (event: ServerEvent) => boolean): Promise<ServerEvent>; close(): void } {
  const stop = new AbortController();
  const events = (async function* () {
    const response = await fetch(`${origin}/api/events`, { headers, signal: stop.signal });
    if (response.body === null) throw new Error('no stream came');
    yield* parseEventStream(response.body);
  })();
  return {
    async until(wanted) {
      for (let item = await events.next(); item.done !== true; item = await events.next())
        if (wanted(item.value)) return item.value;
      throw new Error('the stream ended before the event came');
    },
    close: () => stop.abort(),
  };
}
