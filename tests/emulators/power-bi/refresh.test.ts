import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  readTotals,
  type Services,
  type Shop,
  startServices,
  startShop,
  temporaryFolder,
  untilEnded,
} from './start-services.ts';

let shop: Shop;
let folder: ReturnType<typeof temporaryFolder>;
let services: Services;

beforeAll(async () => {
  shop = await startShop();
}, 30_000);
afterAll(() => shop.stop());
beforeEach(async () => {
  folder = temporaryFolder();
  services = await startServices(folder.path, shop.gate.port);
});
afterEach(async () => {
  shop.gate.release();
  await services.end('SIGKILL');
  folder.remove();
  await shop.run("DELETE FROM dbo.sales WHERE customer = 'new'");
  await shop.run("DELETE FROM dbo.product WHERE name = 'Twin'");
});

const start = (body: object = { type: 'full' }) => services.call(`${services.dataset}/refreshes`, 'POST', body);
const startAndLocate = async (body?: object): Promise<string> => {
  const { status, headers } = await start(body);
  expect(status).toBe(202);
  return headers.get('location') ?? '';
};
const refresh = async (body?: object) => untilEnded(services, await startAndLocate(body));
const sell = () => shop.run("INSERT INTO dbo.sales VALUES ('2026-01-01', 1, 'new', 100, 1)");
const before = { '[Total]': 42, '[Rows]': 6 };
const after = { '[Total]': 142, '[Rows]': 7 };

describe('an enhanced refresh of Power BI', () => {
  test('is accepted at once, is under way, and then shows the rows of the source', async () => {
    shop.gate.hold();
    const { status, headers, body } = await start();
    expect([status, body]).toEqual([202, null]);
    const id = headers.get('x-ms-request-id');
    const location = headers.get('location') ?? '';
    expect(location).toBe(`${services.dataset}/refreshes/${id}`);
    const running = await services.call(location);
    expect(running.status).toBe(202);
    expect(running.body).toMatchObject({ type: 'Full', status: 'Unknown', extendedStatus: 'InProgress' });
    expect(running.body).not.toHaveProperty('endTime');
    expect((await services.call(`${services.dataset}/refreshes?$top=1`)).body.value).toEqual([
      expect.objectContaining({ requestId: id, refreshType: 'ViaEnhancedApi', status: 'Unknown' }),
    ]);

    shop.gate.release();
    expect(await untilEnded(services, location)).toMatchObject({
      status: 'Completed',
      extendedStatus: 'Completed',
      numberOfAttempts: 1,
      objects: [
        { table: 'Product', partition: 'Product', status: 'Completed' },
        { table: 'Date', partition: 'Date', status: 'Completed' },
        { table: 'Sales', partition: 'Sales', status: 'Completed' },
      ],
    });
    expect((await services.call(location)).status).toBe(200);
    expect(await readTotals(services)).toEqual(before);
  });

  test('shows changes of the source only after the next refresh', async () => {
    await refresh();
    await sell();
    expect(await readTotals(services)).toEqual(before);
    await refresh();
    expect(await readTotals(services)).toEqual(after);
  });

  test('is refused while another runs, with the code and the message of the service', async () => {
    shop.gate.hold();
    const location = await startAndLocate();
    const second = await start();
    expect(second.status).toBe(400);
    expect(second.body).toEqual({
      error: {
        code: 'InvalidRequest',
        message: 'Invalid dataset refresh request. Another refresh request is already executing',
      },
    });
    shop.gate.release();
    expect(await untilEnded(services, location)).toMatchObject({ status: 'Completed' });
    expect((await start()).status).toBe(202);
  });

  test('leaves the rows as they were when it is cancelled', async () => {
    await refresh();
    await sell();
    shop.gate.hold();
    const location = await startAndLocate();
    expect((await services.call(location, 'DELETE')).status).toBe(200);
    expect((await services.call(location)).body).toMatchObject({ status: 'Cancelled', extendedStatus: 'Cancelled' });
    expect(await readTotals(services)).toEqual(before);
    expect((await services.call(location, 'DELETE')).status).toBe(400);
    shop.gate.release();
    await refresh();
    expect(await readTotals(services)).toEqual(after);
  });

  test('ends as timed out when an attempt takes longer than its timeout', async () => {
    await refresh();
    shop.gate.hold();
    expect(await refresh({ type: 'full', timeout: '00:00:01' })).toMatchObject({
      status: 'Failed',
      extendedStatus: 'TimedOut',
    });
    expect(await readTotals(services)).toEqual(before);
  });

  test('fails with a reason, after its retries, and leaves the rows as they were', async () => {
    await refresh();
    await sell();
    await shop.run("INSERT INTO dbo.product VALUES (1, 'Twin', 'Fruit')");
    const failed = await refresh({ type: 'full', retryCount: 1 });
    expect(failed).toMatchObject({ status: 'Failed', extendedStatus: 'Failed', numberOfAttempts: 2 });
    expect(failed.messages?.[0]?.message).toContain("Column 'Key' in Table 'Product' contains a duplicate value '1'");
    const [entry] = (await services.call(`${services.dataset}/refreshes`)).body.value ?? [];
    expect(JSON.parse(entry?.serviceExceptionJson ?? '')).toMatchObject({
      errorCode: 'ModelRefresh_ShortMessage_ProcessingError',
    });
    expect(await readTotals(services)).toEqual(before);
  });

  test('commits object by object in partialBatch, so that what came before a failure stays', async () => {
    await refresh();
    await sell();
    await shop.run("INSERT INTO dbo.product VALUES (1, 'Twin', 'Fruit')");
    const failed = await refresh({
      type: 'full',
      commitMode: 'partialBatch',
      objects: [{ table: 'Sales' }, { table: 'Product' }],
    });
    expect(failed).toMatchObject({
      status: 'Failed',
      objects: [
        { table: 'Sales', status: 'Completed' },
        { table: 'Product', status: 'Failed' },
      ],
    });
    expect(await readTotals(services)).toEqual(after);
  });

  test('touches only the objects that it names', async () => {
    await refresh();
    await sell();
    await refresh({ type: 'full', objects: [{ table: 'Product', partition: 'Product' }, { table: 'Date' }] });
    expect(await readTotals(services)).toEqual(before);
    await refresh({ type: 'dataOnly', objects: [{ table: 'sales' }] });
    expect(await readTotals(services)).toEqual(after);
  });

  test('of type automatic loads what was never loaded and no more; clearValues empties', async () => {
    await refresh({ type: 'automatic' });
    expect(await readTotals(services)).toEqual(before);
    await sell();
    await refresh({ type: 'automatic' });
    await refresh({ type: 'calculate' });
    expect(await readTotals(services)).toEqual(before);
    await refresh({ type: 'clearValues', objects: [{ table: 'Sales' }] });
    expect(
      await services.call(`${services.dataset}/executeQueries`, 'POST', {
        queries: [{ query: 'EVALUATE SUMMARIZECOLUMNS("Rows", [Rows])' }],
      }),
    ).toMatchObject({ status: 200, body: { results: [{ tables: [{ rows: [] }] }] } });
  });

  test('goes on under its id after kill -9, and readers keep the rows of before', async () => {
    await refresh();
    await sell();
    shop.gate.hold();
    const location = await startAndLocate();
    await services.end('SIGKILL');
    services = await startServices(folder.path, shop.gate.port);
    const here = location.replace(/^http:\/\/[^/]+/, services.url);
    expect(await readTotals(services)).toEqual(before);
    expect((await services.call(here)).status).toBe(202);
    shop.gate.release();
    expect(await untilEnded(services, here)).toMatchObject({ status: 'Completed', numberOfAttempts: 2 });
    expect(await readTotals(services)).toEqual(after);
  });

  test('and its history outlive an orderly stop', async () => {
    await refresh();
    expect(await services.end('SIGTERM')).toBe(0);
    services = await startServices(folder.path, shop.gate.port);
    expect(await readTotals(services)).toEqual(before);
    expect((await services.call(`${services.dataset}/refreshes`)).body.value).toHaveLength(1);
  });

  test('needs a body; without one, or with notifyOption alone, the refresh is plain and cannot be cancelled', async () => {
    const { headers } = await start({ notifyOption: 'NoNotification' });
    expect(headers.get('location')).toBeNull();
    const location = `${services.dataset}/refreshes/${headers.get('x-ms-request-id')}`;
    expect((await services.call(location, 'DELETE')).status).toBe(400);
    expect(await untilEnded(services, location)).toMatchObject({ status: 'Completed', type: 'Full' });
    expect((await services.call(`${services.dataset}/refreshes`)).body.value?.[0]).toMatchObject({
      refreshType: 'ViaApi',
    });
  });
});

describe('a refresh of Analysis Services', () => {
  const post = (body: object = { Type: 'Full' }) => services.call(`${services.model}/refreshes`, 'POST', body);

  test('is accepted, found under way, and succeeds, apart from what Power BI does', async () => {
    shop.gate.hold();
    const accepted = await post({
      Type: 'Full',
      CommitMode: 'transactional',
      MaxParallelism: 2,
      RetryCount: 2,
      Objects: [],
    });
    expect(accepted.status).toBe(202);
    const location = accepted.headers.get('location') ?? '';
    expect(location).toMatch(/\/servers\/local\/models\/Shop\/refreshes\/[0-9a-f-]{36}$/);
    expect(await services.call(location)).toMatchObject({ status: 200, body: { status: 'inProgress', type: 'full' } });
    expect((await start()).status).toBe(202);
    expect((await post()).status).toBe(409);

    shop.gate.release();
    expect(await untilEnded(services, location)).toMatchObject({ status: 'succeeded' });
    const id = location.split('/').at(-1);
    expect((await services.call(`${services.model}/refreshes`)).body).toEqual([
      { refreshId: id, startTime: expect.any(String), endTime: expect.any(String), status: 'succeeded' },
    ]);
    const health = await services.call(`${services.url}/health`);
    expect(health.body.analysisServices?.loadedAt).toEqual(expect.any(String));
  });

  test('can be cancelled', async () => {
    shop.gate.hold();
    const location = (await post()).headers.get('location') ?? '';
    expect((await services.call(location, 'DELETE')).status).toBe(200);
    expect((await services.call(location)).body).toMatchObject({ status: 'cancelled' });
  });

  test('of another model is refused in the way of the service', async () => {
    const { status, headers } = await services.call(`${services.url}/servers/local/models/Other/refreshes`, 'POST', {});
    expect(status).toBe(400);
    expect(headers.get('x-ms-xmlaerror-extended')).toContain("'Other' database does not exist");
    expect((await post({ Type: 'full', Timeout: '01:00:00' })).status).toBe(400);
    expect((await services.call(`${services.model}/refreshes/none`)).status).toBe(404);
  });
});
