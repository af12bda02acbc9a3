import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { DEFAULTS } from '../../../emulators/power-bi/index.ts';
import { createStartRefresh } from '../../../src/activities/start-refresh.ts';
import type { RunLog } from '../../../src/shared/runs/run-log.ts';
import { createAnalysisServicesClient } from '../../../src/shared/semantic-model/analysis-services-client.ts';
import { createPowerBiClient } from '../../../src/shared/semantic-model/power-bi-client.ts';
import {
  MODEL_SERVICES,
  type ModelRefresh,
  type SemanticModel,
} from '../../../src/shared/semantic-model/semantic-model.ts';
import type { SemanticModels } from '../../../src/shared/semantic-model/semantic-models.ts';
import {
  type Services,
  type Shop,
  startServices,
  startShop,
  temporaryFolder,
} from '../../emulators/power-bi/start-services.ts';

const folder = temporaryFolder();
let shop: Shop;
let services: Services;

beforeAll(async () => {
  shop = await startShop();
  services = await startServices(folder.path, shop.gate.port);
}, 60_000);
afterAll(async () => {
  await services?.end('SIGTERM');
  await shop?.stop();
  folder.remove();
});

const { groupId: workspaceId, datasetId, server } = DEFAULTS;
const clients = (token = 'token') => ({
  'power-bi': createPowerBiClient({ endpoint: services.url, workspaceId, datasetId }, async () => token, 600),
  'analysis-services': createAnalysisServicesClient(
    { endpoint: services.url, server, model: 'Shop' },
    async () => token,
  ),
});

async function untilEnded(model: SemanticModel, id: string): Promise<ModelRefresh> {
  for (let tries = 0; tries < 1000; tries++) {
    const refresh = await model.getRefresh(id);
    if (refresh?.state !== 'running') return refresh as ModelRefresh;
    await sleep(10);
  }
  throw new Error('the refresh did not end');
}

describe.each(MODEL_SERVICES)('a refresh by %s', (service) => {
  afterEach(() => shop.gate.release());

  test('is accepted first and completed later', async () => {
    const model = clients()[service];
    shop.gate.hold();
    const id = (await model.requestRefresh()) ?? '';
    expect(await model.getRefresh(id)).toMatchObject({ id, state: 'running', message: '' });
    shop.gate.release();
    const ended = await untilEnded(model, id);
    expect(ended).toMatchObject({ state: 'completed', message: '' });
    expect(Date.parse(ended.endedAt ?? '') >= Date.parse(ended.startedAt)).toBe(true);
    expect((await model.recentRefreshes())[0]).toMatchObject({ id, state: 'completed', startedAt: ended.startedAt });
  });

  test('is not begun while another one runs, which can be cancelled', async () => {
    const model = clients()[service];
    shop.gate.hold();
    const id = (await model.requestRefresh()) ?? '';
    expect(await model.requestRefresh()).toBeUndefined();
    await model.cancelRefresh(id);
    expect(await model.getRefresh(id)).toMatchObject({ state: 'canceled' });
    await model.cancelRefresh(id); // it has ended: nothing to do
  });

  test('that fails says why', async () => {
    const model = clients()[service];
    await shop.run("INSERT INTO dbo.product VALUES (1, 'Twice', 'X')");
    try {
      const ended = await untilEnded(model, (await model.requestRefresh()) ?? '');
      expect(ended).toMatchObject({ state: 'failed', message: expect.stringContaining("duplicate value '1'") });
      expect((await model.recentRefreshes())[0]?.state).toBe('failed');
    } finally {
      await shop.run("DELETE FROM dbo.product WHERE name = 'Twice'");
    }
  });

  test('of an unknown id is no refresh', async () => {
    expect(await clients()[service].getRefresh('00000000-0000-0000-0000-00000000000f')).toBeUndefined();
  });

  test('is refused to somebody else, and asking again would not help', async () => {
    await expect(clients('stolen')[service].requestRefresh()).rejects.toMatchObject({
      name: 'ModelServiceError',
      status: 401,
      isPassing: false,
    });
  });
});

describe.each(MODEL_SERVICES)('starting a refresh by %s', (service) => {
  afterEach(() => shop.gate.release());
  const runs = { step: async () => undefined } as unknown as RunLog;
  const publications = [{ dataset: 'shop', batch: 'shop-1', version: 1, publishedAt: '' }];
  const start = async (since: Date, token = 'token') => {
    const semanticModels = {
      in: () => clients(token)[service],
      refreshTimeoutSeconds: 60,
    } as unknown as SemanticModels;
    return createStartRefresh({ semanticModels, runs })({ service, publications, since: since.toISOString() });
  };

  test('again, after a crash that lost its id, finds the one that was started, running or ended', async () => {
    const since = new Date();
    shop.gate.hold();
    const first = await start(since);
    expect(await start(since)).toEqual(first);
    shop.gate.release();
    await untilEnded(clients()[service], first.id);
    expect(await start(since)).toEqual({ ...first, covers: true });
  });

  test('waits behind one that began before the publication', async () => {
    shop.gate.hold();
    const theirs = await clients()[service].requestRefresh();
    await sleep(5);
    expect(await start(new Date())).toMatchObject({ id: theirs, covers: false });
    shop.gate.release();
    await untilEnded(clients()[service], theirs ?? '');
    const ours = await start(new Date());
    expect(ours).toMatchObject({ covers: true });
    expect(ours.id).not.toBe(theirs);
    await untilEnded(clients()[service], ours.id);
  });

  test('says why the service refuses it, instead of trying for minutes', async () => {
    expect(await start(new Date(), 'stolen')).toMatchObject({ refusal: expect.stringContaining('401') });
  });
});

describe('a question to Power BI', () => {
  test('is answered with blanks, and a wrong one with the reason', async () => {
    const model = clients()['power-bi'];
    await untilEnded(model, (await model.requestRefresh()) ?? '');
    const { rows, isTruncated } = await model.query('EVALUATE SUMMARIZECOLUMNS(Product[Name], "Total", [Total])');
    expect(isTruncated).toBe(false);
    expect(rows.length).toBeGreaterThan(1);
    expect(Object.keys(rows[0] ?? {})).toEqual(['Product[Name]', '[Total]']);
    await expect(model.query('EVALUATE SUMMARIZECOLUMNS("X", [Nothing])')).rejects.toMatchObject({
      name: 'ModelQueryFailed',
      message: expect.stringContaining('Nothing'),
    });
  });
});
