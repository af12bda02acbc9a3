import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApiInsightPage, ApiModel, ApiRun } from '../../scripts/api-client.ts';
import { readKeys } from '../../scripts/stack/read-keys.ts';
import { daemonToken } from './support/access-matrix.ts';
import { queryWarehouse } from './support/digest.ts';
import { FLIGHTS, NIGHT, startTestStack, type TestStack } from './support/test-stack.ts';

const RISK = '/insights/flights/route-risk?origin=JFK&dest=LAX';

/** A model that learnt from a January whose delays were dealt out anew is as good as none: what comes later beats it. */
describe('a model whose first rows said nothing', () => {
  let stack: TestStack;
  let first: string;
  /** A function key does not open what is for administrators. */
  let admin: string;

  beforeAll(async () => {
    stack = await startTestStack();
    admin = await daemonToken(stack.settings.AUTH_ISSUER ?? '', 'Pipeline.Admin');
    await stack.landReference();
    const january = await stack.correctedMonth('2013-01.csv', dealOutDelays);
    const [file] = await stack.land({ 'flights/2013-01.csv': january });
    if (file?.status !== 'published') throw new Error(`January is ${file?.status}: ${file?.reason}`);
    first = (await model()).champion?.version ?? '';
  });
  afterAll(() => stack.dispose());

  const model = async (): Promise<ApiModel> => {
    const { models } = await stack.client.get<{ models: ApiModel[] }>('/models');
    const [flights] = models;
    if (flights === undefined || models.length > 1)
      throw new Error(`one model was expected: ${JSON.stringify(models)}`);
    return flights;
  };
  const post = async (path: string, body?: object): Promise<{ status: number; location: string; text: string }> => {
    const response = await fetch(`${stack.api.url}${path}`, {
      method: 'POST',
      headers: path.endsWith('/rollback') ? { authorization: `Bearer ${admin}` } : { 'x-functions-key': stack.api.key },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return {
      status: response.status,
      location: response.headers.get('location') ?? '',
      text: await response.text(),
    };
  };
  const until = async <T>(look: () => Promise<T | undefined>, what: string): Promise<T> => {
    for (let tries = 0; tries < 1200; tries++) {
      const found = await look().catch(() => undefined); // the host may be away
      if (found !== undefined) return found;
      await sleep(50);
    }
    throw new Error(`${what} did not come: ${JSON.stringify(await stack.runs('flights'))}`);
  };
  const ended = (id: string): Promise<ApiRun> =>
    until(async () => {
      const run = await stack.client.get<ApiRun>(`/runs/${id}`);
      return run.status === 'running' ? undefined : run;
    }, `the end of ${id}`);
  const retrain = async (body?: object): Promise<ApiRun> => {
    const { status, location } = await post('/models/flights/retrain', body);
    expect(status).toBe(202);
    return ended(location.replace('/api/runs/', ''));
  };
  /** Starts an instance that has ended under its id, which Durable Functions allows: another host may just have looked. */
  const startAgain = async (id: string): Promise<void> => {
    const { durable } = readKeys(stack.stateFolder);
    const url = `http://127.0.0.1:${stack.ports.functions}/runtime/webhooks/durabletask/orchestrators/retrain-model/${id}?code=${durable}`;
    const body = JSON.stringify({ id, dataset: 'flights', mode: 'challenge', force: true });
    const { status } = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect(status).toBe(202);
  };
  const served = (): Promise<ApiInsightPage> => stack.client.get<ApiInsightPage>(RISK);
  const inWarehouse = async (): Promise<unknown> =>
    (await queryWarehouse(stack.settings, 'SELECT DISTINCT _model_version AS version FROM dw.fact_flight')).map(
      ({ version }) => version,
    );
  const republishedBy = (version: string): Promise<ApiModel> =>
    until(async () => {
      const found = await model();
      return found.publishedVersions.join() === version ? found : undefined;
    }, `publication of what ${version} scored`);

  test('is served with its version, in insights, warehouse and the list of models', async () => {
    expect(first).toMatch(/^[0-9a-f]{12}$/);
    expect(await model()).toMatchObject({
      ...{ dataset: 'flights', model: 'late-arrival', metric: 'auc', publishedVersions: [first], trainings: [] },
      champion: { version: first, metrics: { auc: expect.closeTo(0.5, 1) }, rows: { train: expect.any(Number) } },
    });
    expect((await served()).modelVersions).toEqual([first]);
    expect(await inWarehouse()).toEqual([first]);
  });

  test('has nothing to learn from the same rows, and a second look at them starts no Databricks run', async () => {
    const run = await retrain();
    expect(run).toMatchObject({ status: 'succeeded', kind: 'training', training: { verdict: 'kept' } });
    expect(run.training?.reason).toContain('nothing new to learn');
    const runs = (await stack.databricksRuns()).length;
    const again = await retrain();
    expect(again).toMatchObject({ status: 'unchanged', steps: {}, training: { verdict: 'kept' } });
    expect(again.training?.reason).toContain('Neither rows nor contract have changed');
    expect((await stack.databricksRuns()).length).toBe(runs);
    expect(await retrain({ force: true })).toMatchObject({ status: 'succeeded', training: { verdict: 'kept' } });
    expect((await stack.databricksRuns()).length).toBe(runs + 1);
    expect((await model()).champion?.version).toBe(first);
  });

  test('is beaten in one run for the night, though the timer fires late and twice more, and the host is killed', async () => {
    await stack.land(
      Object.fromEntries(['02', '03'].map((month) => [`flights/${month}.csv`, join(FLIGHTS, `2013-${month}.csv`)])),
    );
    expect((await served()).modelVersions).toEqual([first]);
    const before = await stack.databricksRuns();
    const night = `retrain-flights-${NIGHT.toISOString().slice(0, 10)}`;
    await stack.kill('functions-host');
    forgetNight(join(stack.stateFolder, 'functions-host', 'functions-host.sqlite'));
    await stack.start('functions-host'); // it was down at the hour, and calls the timer now
    await Promise.all([stack.runTimer('nightly-retraining'), stack.runTimer('nightly-retraining')]);
    await until(async () => (await stack.client.get<ApiRun>(`/runs/${night}`)).steps.train, 'the train job');
    expect((await post('/models/flights/rollback')).status).toBe(409);
    expect((await stack.client.get<ApiRun>(`/runs/${night}`)).steps.train?.endedAt).toBeUndefined();
    await stack.kill('functions-host');
    await stack.start('functions-host');
    const run = await ended(night);
    expect(run).toMatchObject({ status: 'succeeded', training: { verdict: 'promoted', champion: first } });
    const second = run.training?.version ?? '';
    const { contest } = run.training ?? {};
    expect(contest?.low).toBeGreaterThan(0);
    expect(contest?.difference).toBeGreaterThan(0.05);

    const seen = new Set<string>();
    await until(async () => {
      const page = await served();
      seen.add(page.modelVersions.join());
      return page.modelVersions.includes(second) ? page : undefined;
    }, 'an insight by the new model');
    expect([...seen].filter((versions) => versions !== first)).toEqual([second]);
    expect(await republishedBy(second)).toMatchObject({ champion: { version: second } });
    expect(await inWarehouse()).toEqual([second]);
    await stack.untilIdle();
    const refresh = (await stack.runs('flights')).find(({ refresh: why }) => why !== undefined);
    expect(refresh).toMatchObject({ status: 'succeeded', files: 0, refresh: `${night} changed the model in use` });
    // One run each of train, rescore and insights; not two of any.
    expect((await stack.databricksRuns()).length - before.length).toBe(3);

    await stack.runTimer('nightly-retraining');
    await startAgain(night);
    await stack.untilIdle();
    expect(await stack.client.get<ApiRun>(`/runs/${night}`)).toEqual(run);
    // Its scores changed, its rows did not: there is nothing new to learn.
    expect(await retrain()).toMatchObject({ status: 'unchanged' });
    expect((await stack.databricksRuns()).length - before.length).toBe(3);
  });

  test('comes back everywhere when the promotion is rolled back, and what was rolled back stays out', async () => {
    const second = (await model()).champion?.version;
    const { status, location } = await post('/models/flights/rollback');
    expect(status).toBe(202);
    expect(await ended(location.replace('/api/runs/', ''))).toMatchObject({
      status: 'succeeded',
      training: { mode: 'rollback', verdict: 'rolled-back', version: first, champion: second },
    });
    const { trainings } = await republishedBy(first);
    expect(await inWarehouse()).toEqual([first]);
    expect((await served()).modelVersions).toEqual([first]);
    expect(trainings.map(({ verdict }) => verdict)).toEqual([
      ...['rolled-back', 'kept', 'promoted'],
      ...['kept', 'kept', 'kept'],
    ]);
    const forced = await retrain({ force: true });
    expect(forced.training).toMatchObject({ verdict: 'kept', version: second, champion: first });
    expect(forced.training?.reason).toContain('rolled back');
  });

  test('is refused where there is none, or where the body says something else', async () => {
    expect((await post('/models/planes/retrain')).status).toBe(404);
    expect((await post('/models/flights/retrain', { force: 'yes' })).status).toBe(400);
    expect((await post('/models/flights/retrain', { faster: true })).text).toContain('it has faster');
    const { location } = await post('/models/flights/retrain');
    const resumed = await post(`${location.replace('/api', '')}/resume`);
    expect(resumed).toMatchObject({ status: 409, text: expect.stringContaining('cannot be resumed') });
  });
});

/** Makes a host that is down believe that the timer was called the night before, but not this night. */
function forgetNight(file: string): void {
  const database = new DatabaseSync(file);
  const last = NIGHT.getTime() - 24 * 60 * 60 * 1000;
  const { changes } = database
    .prepare("UPDATE timer_status SET last = ?, next = ?, updated = ? WHERE name = 'nightly-retraining'")
    .run(last, NIGHT.getTime(), last);
  database.close();
  expect(changes).toBe(1);
}

/** Gives each flight the delays of another, by a fixed stride: as many are late, for no reason. */
function dealOutDelays(lines: readonly string[]): readonly string[] {
  const ARRIVAL_DELAY = 8;
  const flown = lines.map((line) => line.split(',')).filter((fields) => fields[ARRIVAL_DELAY] !== 'NA');
  let next = 0;
  return lines.map((line) => {
    const fields = line.split(',');
    if (fields[ARRIVAL_DELAY] === 'NA') return line;
    next = (next + 7919) % flown.length;
    return fields.with(ARRIVAL_DELAY, flown[next]?.[ARRIVAL_DELAY] ?? '').join(',');
  });
}
