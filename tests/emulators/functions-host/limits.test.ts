import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cleanUp, eventually, newFolder, startHost, type TestHost, tryStartHost } from './start-host.ts';

let host: TestHost;

beforeAll(async () => {
  host = await startHost('limits', newFolder(), { env: { Nowhere: 'x', FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '1000' } });
});
afterAll(cleanUp);

const get = (path: string, init: RequestInit = {}) => fetch(`${host.url}/${path}`, init);
const admin = async (path: string) =>
  (await get(`admin/${path}`, { headers: { 'x-functions-key': host.keys.master } })).json();
const logged = (text: string) => eventually(async () => (host.stderr().includes(text) ? true : undefined), text);

describe('a function that takes too long', () => {
  test('fails, and the host lives on', async () => {
    expect((await get('slow')).status).toBe(500);
    await logged("Timeout value of 00:00:00.2 exceeded by function 'Functions.slow' (Id: '");
    expect(await (await get('fast')).text()).toBe('in time');
    await eventually(async () => {
      const seen = (await (await get('seen')).json()) as unknown[][];
      return seen.some(([name]) => name === 'slow') ? true : undefined;
    }, 'the end of the call, which nobody waits for');
  });
});

describe('host.json and app settings', () => {
  test('give every answer of a function headers', async () => {
    expect((await get('fast')).headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('say how large a body may be', async () => {
    const post = (size: number) => get('length', { method: 'POST', body: 'x'.repeat(size) });
    expect(await (await post(1000)).text()).toBe('1000');
    expect((await post(1001)).status).toBe(413);
  });

  test('say in which time zone timers run', async () => {
    const unknown = await tryStartHost('triggers', newFolder(), { env: { WEBSITE_TIME_ZONE: 'Nowhere/Land' } });
    expect(unknown).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^functions-host: WEBSITE_TIME_ZONE: the time zone "Nowhere\/Land" is not known/),
    });
    const other = await startHost('triggers', newFolder(), { env: { WEBSITE_TIME_ZONE: 'Asia/Tokyo' } });
    const headers = { 'x-functions-key': other.keys.master };
    await fetch(`${other.url}/admin/functions/nightly`, { method: 'POST', headers });
    const [, timer] = await eventually(async () => {
      const runs = (await (await fetch(`${other.url}/v1/runs`)).json()) as [
        string,
        { scheduleStatus: { next: string } },
      ][];
      return runs.find(([name]) => name === 'nightly');
    }, 'the run by hand');
    expect(timer.scheduleStatus.next).toMatch(/T18:00:00/); // 3 o'clock in Tokyo
    await other.kill();
  });
});

describe('generic triggers and bindings', () => {
  test('are served as those of the same type', async () => {
    expect(await (await get('generic/7')).text()).toBe('generic 7');
  });

  test('of a type that is not served fail the call by name', async () => {
    expect((await get('unserved')).status).toBe(500);
    await logged('The input binding "sql" of unserved is not served by this host');
  });

  test('that are not served are told of at the start, and so is a retry option without effect', async () => {
    await logged('serviceBusTrigger IS NOT SERVED');
    await logged('the retry option of generic has no effect, as in Azure');
  });
});

test('the warmup function is called before the first request', async () => {
  expect(((await (await get('seen')).json()) as unknown[][])[0]).toEqual(['warm', {}]);
});

describe('the admin API', () => {
  test('tells of a function as Azure does', async () => {
    expect(await admin('functions/GENERIC')).toEqual({
      name: 'generic',
      script_root_path_href: null,
      script_href: null,
      config_href: null,
      test_data_href: null,
      href: `${host.url}/admin/functions/generic`,
      invoke_url_template: `${host.url}/generic/{id}`,
      language: 'node',
      config: {
        name: 'generic',
        entryPoint: null,
        scriptFile: 'app.js',
        language: 'node',
        functionDirectory: null,
        bindings: [
          expect.objectContaining({ type: 'httpTrigger', direction: 'in', route: 'generic/{id}', methods: ['GET'] }),
          expect.objectContaining({ name: '$return', type: 'http', direction: 'out' }),
        ],
      },
      files: null,
      test_data: null,
      isDisabled: false,
      isDirect: false,
      isProxy: false,
    });
    expect(await admin('functions/generic/status')).toEqual({});
  });

  test('tells of disabled functions, and does not run them', async () => {
    const other = await startHost('limits', newFolder(), { env: { Nowhere: 'x', 'AzureWebJobs.fast.Disabled': '1' } });
    const headers = { 'x-functions-key': other.keys.master };
    const functions = (await (await fetch(`${other.url}/admin/functions`, { headers })).json()) as {
      isDisabled: boolean;
    }[];
    expect(functions.filter(({ isDisabled }) => isDisabled)).toEqual([expect.objectContaining({ name: 'fast' })]);
    const run = await fetch(`${other.url}/admin/functions/fast`, { method: 'POST', headers });
    expect([run.status, await run.text()]).toEqual([400, "The function 'fast' is disabled by a setting."]);
    await other.kill();
  });

  test('tells more of the host to the administrator', async () => {
    expect(await (await get('admin/host/status')).json()).toEqual({
      state: 'Running',
      version: expect.stringMatching(/^4\./),
      processUptime: expect.any(Number),
    });
    expect(await admin('host/status')).toMatchObject({ state: 'Running', computerName: expect.any(String) });
  });
});
