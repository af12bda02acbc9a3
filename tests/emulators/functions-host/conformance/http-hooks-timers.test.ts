import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cleanUp } from '../start-host.ts';
import { type ConformanceApp, startConformanceApp } from './start-conformance-app.ts';

// What Azure/azure-functions-nodejs-e2e-tests asks of model 4, written anew: HTTP, hooks and timers, with and without streams.
describe.each([{ streams: false }, { streams: true }])('an app with streams: $streams', ({ streams }) => {
  let app: ConformanceApp;
  const call: ConformanceApp['call'] = (...args) => app.call(...args);
  const textOf = async (path: string, init?: RequestInit) => (await call(path, init)).text();

  beforeAll(async () => {
    app = await startConformanceApp({ streams });
  });
  afterAll(cleanUp);

  test('greets the world, or whom the body or the query names', async () => {
    expect(await textOf('hello')).toBe('Hello, world!');
    expect(await textOf('hello', { method: 'POST', body: 'Ada' })).toBe('Hello, Ada!');
    expect(await textOf('hello?name=Ada')).toBe('Hello, Ada!');
  });

  test('answers 404 and nothing else where there is no function', async () => {
    const answer = await call('nowhere');
    expect([answer.status, await answer.text()]).toEqual([404, '']);
  });

  test('gets the parameters of its route as text', async () => {
    expect(await (await call('parameters/Ada/5')).json()).toEqual({ name: 'Ada', id: '5' });
  });

  test('gets the headers, their names in small letters', async () => {
    const headers = (await (await call('headers', { headers: { TESTHEADER: 'Value' } })).json()) as object;
    expect(headers).toMatchObject({ testheader: 'Value', host: new URL(app.host.url).host, accept: '*/*' });
  });

  test('gets a parameter of the query that comes twice', async () => {
    expect(await (await call('query?name=Ada&twice=1&twice=2')).json()).toEqual(
      streams
        ? { all: { name: 'Ada', twice: '2' }, first: '1', both: ['1', '2'] }
        : { all: { name: 'Ada', twice: '1,2' }, first: '1,2', both: ['1,2'] },
    );
  });

  test('sets cookies', async () => {
    const path = streams ? '' : '; path=/';
    const cookies = (await call('cookies')).headers.getSetCookie().map((cookie) => cookie.toLowerCase());
    expect(cookies).toEqual([
      `aged=v; max-age=200000${path}`,
      'placed=v; max-age=200000; path=/',
      `over=v; max-age=0${path}`,
      `lax=v${path}; samesite=lax`,
      `strict=v${path}; samesite=strict`,
    ]);
  });

  test('answers a thousand requests at once', async () => {
    const names = Array.from({ length: 1024 }, (_, index) => `name ${index}`);
    const answers = await Promise.all(names.map((body) => textOf('helloLater', { method: 'POST', body })));
    expect(answers).toEqual(names.map((name) => `Hello, ${name}!`));
  });

  test('takes a body in chunks', async () => {
    const body = new Blob(['in ', 'chunks']).stream();
    expect(await textOf('hello', { method: 'POST', body, duplex: 'half' } as RequestInit)).toBe('Hello, in chunks!');
  });

  test.each([32, 96])('takes and gives %i MB', async (megabytes) => {
    const size = megabytes * 1_000_000;
    const chunk = new Uint8Array(1_000_000);
    let left = megabytes;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => (left-- > 0 ? controller.enqueue(chunk) : controller.close()),
    });
    expect(await textOf('count', { method: 'POST', body, duplex: 'half' } as RequestInit)).toBe(`got ${size}`);
    let got = 0;
    for await (const part of (await call(`produce?size=${size}`)).body as unknown as AsyncIterable<Uint8Array>) {
      got += part.length;
    }
    expect(got).toBe(size);
  });

  test('runs its hooks around a call', async () => {
    expect(await textOf('hooked', { method: 'POST' })).toBe('hooked');
    for (const text of [
      'before: HttpRequest',
      "Cannot assign to read only property 'hookData'",
      "Cannot assign to read only property 'invocationContext'",
      'around the handler',
      'inside: a second input',
      'after: null, {"body":"hooked"}, from before to after',
    ]) {
      await app.logged(text);
    }
    expect(app.host.stderr()).not.toContain('a hook that was disposed has run');
  });

  test('runs timers, and again those that fail', async () => {
    await app.logged('the timer has fired');
    await app.logged('no luck with retry 0');
    await app.logged('no luck with retry 1');
    await app.logged('luck with retry 2');
  });
});

test('an app runs its hooks at the start and at the end, which share their data', async () => {
  const app = await startConformanceApp({ streams: true });
  await app.logged('the start hook has run');
  expect(await app.host.stop()).toBe(0);
  await app.logged('the end hook has run: kept since the start');
});
