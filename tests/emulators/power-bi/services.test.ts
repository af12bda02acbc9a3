import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  commandLine,
  type Json,
  type Services,
  type Shop,
  spawnCli,
  startServices,
  startShop,
  temporaryFolder,
  untilEnded,
} from './start-services.ts';

let shop: Shop;
let services: Services;
const folder = temporaryFolder();

beforeAll(async () => {
  shop = await startShop();
  services = await startServices(folder.path, shop.gate.port);
  const { headers } = await services.call(`${services.dataset}/refreshes`, 'POST', { type: 'full' });
  await untilEnded(services, headers.get('location') ?? '');
}, 30_000);
afterAll(async () => {
  await services.end('SIGTERM');
  await shop.stop();
  folder.remove();
});

const execute = (query: string, more: object = {}): Promise<{ status: number; body: Json }> =>
  services.call(`${services.dataset}/executeQueries`, 'POST', { queries: [{ query }], ...more });

describe('executeQueries', () => {
  const query =
    'EVALUATE SUMMARIZECOLUMNS(Product[Category], "Total", [Total], "Rows", [Rows]) ORDER BY Product[Category]';

  test('gives rows with the names of columns, and leaves blanks out', async () => {
    expect(await execute(query)).toMatchObject({
      status: 200,
      body: {
        results: [
          {
            tables: [
              {
                rows: [
                  { '[Total]': 7, '[Rows]': 2 },
                  { 'Product[Category]': 'Fruit', '[Total]': 30, '[Rows]': 3 },
                  { 'Product[Category]': 'Vegetable', '[Total]': 5, '[Rows]': 1 },
                ],
              },
            ],
          },
        ],
      },
    });
  });

  test('gives blanks as null when it is asked to', async () => {
    const { body } = await execute(query, { serializerSettings: { includeNulls: true } });
    expect(body.results?.[0]?.tables?.[0]?.rows?.[0]).toEqual({ 'Product[Category]': null, '[Total]': 7, '[Rows]': 2 });
  });

  test('answers a query that is wrong in the shape of the service', async () => {
    const { status, body } = await execute('EVALUATE SUMMARIZECOLUMNS("x", [Nothing])');
    expect(status).toBe(400);
    expect(body).toEqual({
      error: {
        code: 'DatasetExecuteQueriesError',
        'pbi.error': {
          code: 'DatasetExecuteQueriesError',
          parameters: {},
          details: [
            {
              code: 'DetailsMessage',
              detail: { type: 1, value: expect.stringContaining("The value for 'Nothing' cannot be determined") },
            },
            { code: 'AnalysisServicesErrorCode', detail: { type: 1, value: '3239575574' } },
          ],
        },
      },
    });
  });

  test('takes one query a call', async () => {
    const url = `${services.dataset}/executeQueries`;
    expect((await services.call(url, 'POST', { queries: [{ query }, { query }] })).status).toBe(400);
    expect((await services.call(url, 'POST', { queries: [] })).status).toBe(400);
    expect((await services.call(url, 'POST', { queries: [{ query }], impersonatedUserName: 'a@b' })).status).toBe(400);
  });

  test('tells that a model that was never refreshed holds no data', async () => {
    const fresh = temporaryFolder();
    const empty = await startServices(fresh.path, shop.gate.port);
    const { status, body } = await empty.call(`${empty.dataset}/executeQueries`, 'POST', { queries: [{ query }] });
    await empty.end('SIGTERM');
    fresh.remove();
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain('needs to be refreshed');
  });
});

describe('the services', () => {
  test('ask for a token that they know', async () => {
    const ask = (authorization?: string) =>
      fetch(services.dataset, { headers: authorization === undefined ? {} : { authorization } });
    expect((await ask()).status).toBe(401);
    expect((await ask('Bearer wrong')).status).toBe(401);
    expect((await ask('Bearer other-token')).status).toBe(200);
    expect((await fetch(`${services.model}/refreshes`)).status).toBe(401);
    expect((await fetch(`${services.url}/health`)).status).toBe(200);
  });

  test.each([
    [{ type: 'quick' }, "type 'quick' is not one of"],
    [{ typ: 'full' }, "'typ' is unknown"],
    [{ type: 'full', objects: [{ table: 'Nothing' }] }, "The table 'Nothing' does not exist"],
    [{ type: 'full', objects: [{ table: 'Sales', partition: 'x' }] }, "The partition 'x' does not exist"],
    [{ type: 'full', timeout: '5 minutes' }, 'timeout must be hh:mm:ss'],
    [{ type: 'full', applyRefreshPolicy: true }, 'applyRefreshPolicy needs a refresh policy'],
  ])('refuse a refresh with a body that cannot be meant: %j', async (body, message) => {
    const refused = await services.call(`${services.dataset}/refreshes`, 'POST', body);
    expect(refused.status).toBe(400);
    expect(refused.body.error?.code).toBe('InvalidRequest');
    expect(refused.body.error?.message).toContain(message);
  });

  test('know one workspace and one dataset, also without the workspace', async () => {
    const list = await services.call(services.dataset.replace(/\/[^/]+$/, ''));
    const [dataset] = list.body.value ?? [];
    expect(dataset).toMatchObject({ name: 'Shop', isRefreshable: true });
    expect((await services.call(`${services.url}/v1.0/myorg/datasets/${dataset?.id}`)).status).toBe(200);
    const other = await services.call(`${services.url}/v1.0/myorg/groups/other/datasets/${dataset?.id}/refreshes`);
    expect(other).toMatchObject({ status: 404, body: { error: { code: 'PowerBIEntityNotFound' } } });
    expect((await services.call(`${services.dataset}/refreshes/other`)).status).toBe(404);
    expect((await services.call(`${services.url}/v1.0/myorg/reports`)).status).toBe(404);
  });

  test.each([
    [
      'a port in use',
      (args: readonly string[]) => args.map((one) => (one === '0' ? new URL(services.url).port : one)),
      /port is in use/,
    ],
    ['an unknown option', (args: readonly string[]) => [...args, '--speed', 'high'], /--speed/],
    [
      'a source that is no address',
      (args: readonly string[]) => [...args, '--source', 'somewhere'],
      /HOST:PORT\/DATABASE/,
    ],
    [
      'a model that is not there',
      (args: readonly string[]) => [...args, '--model', '/nowhere.bim'],
      /nowhere\.bim cannot be used/,
    ],
  ])('end with one line and exit code 1 at %s', async (_, change, expected) => {
    const own = temporaryFolder();
    const child = spawnCli(change(commandLine(own.path, shop.gate.port)));
    let [errors, output] = ['', ''];
    child.stderr?.on('data', (data: Buffer) => {
      errors += data.toString();
    });
    child.stdout?.on('data', (data: Buffer) => {
      output += data.toString();
    });
    const [code] = await once(child, 'close');
    own.remove();
    expect([code, output]).toEqual([1, '']);
    expect(errors).toMatch(expected);
    expect(errors.trim().split('\n')).toHaveLength(1);
  });
});
