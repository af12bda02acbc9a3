import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApiRun } from '../../scripts/api-client.ts';
import type { MetricAnswer } from '../../src/shared/semantic-model/metric-reader.ts';
import { queryWarehouse } from './support/digest.ts';
import { queryRawFiles } from './support/raw-query.ts';
import { startTestStack, type TestStack } from './support/test-stack.ts';

/** The first week of a month, and a bit more. */
const LINES = 7_000;
const SERVICES = ['power-bi', 'analysis-services'] as const;
type Refresh = { readonly status: string; readonly startTime: string };

describe('the semantic model of a running stack', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack();
  });
  afterAll(() => stack.dispose());

  /** Lands the beginnings of months, all at once. */
  const land = async (...months: string[]) => {
    const files = months.map(async (month) => {
      const file = await stack.correctedMonth(`${month}.csv`, (lines) => lines.slice(0, LINES));
      return [`flights/${month}.csv`, file] as const;
    });
    return stack.land(Object.fromEntries(await Promise.all(files)));
  };
  const ask = async (question: object): Promise<Response> =>
    fetch(`${stack.api.url}/metrics/query`, {
      method: 'POST',
      headers: { 'x-functions-key': stack.api.key, 'content-type': 'application/json' },
      body: JSON.stringify(question),
    });
  const answerTo = async (question: object): Promise<MetricAnswer> => {
    const response = await ask(question);
    expect(response.status).toBe(200);
    return (await response.json()) as MetricAnswer;
  };
  const lastRun = async (dataset = 'flights'): Promise<ApiRun> => {
    const [run] = await stack.runs(dataset);
    if (run === undefined) throw new Error(`no run of ${dataset}`);
    return run;
  };
  const refreshes = async (): Promise<Readonly<Record<(typeof SERVICES)[number], readonly Refresh[]>>> => {
    const { POWER_BI_ENDPOINT: url, POWER_BI_WORKSPACE_ID: group, POWER_BI_DATASET_ID: id } = stack.settings;
    const headers = { authorization: `Bearer ${stack.settings.POWER_BI_TOKEN}` };
    const [powerBi, analysisServices] = await Promise.all(
      [`v1.0/myorg/groups/${group}/datasets/${id}/refreshes`, 'servers/local/models/Landfall/refreshes'].map((path) =>
        fetch(`${url}/${path}`, { headers }).then((response) => response.json() as Promise<unknown>),
      ),
    );
    return {
      'power-bi': (powerBi as { value: readonly Refresh[] }).value,
      'analysis-services': analysisServices as readonly Refresh[],
    };
  };
  const counts = async () => Object.values(await refreshes()).map((list) => list.length);
  const more = (before: readonly number[], by: number) => before.map((count) => count + by);
  /** Resolves while a refresh of Power BI runs, with its start. */
  const untilRefreshing = async (): Promise<string> => {
    for (let tries = 0; tries < 12_000; tries++) {
      const [latest] = (await refreshes())['power-bi'];
      if (latest?.status === 'Unknown') return latest.startTime;
      await sleep(5);
    }
    throw new Error('no refresh began within a minute');
  };

  test('holds nothing before the first publication, and says so', async () => {
    const response = await ask({ measures: ['Flights'] });
    expect([response.status, await response.json()]).toEqual([409, expect.objectContaining({ status: 409 })]);
    expect(await stack.client.get('/metrics')).toMatchObject({ model: 'Landfall', versions: null, services: SERVICES });
  });

  test('is refreshed after a publication, and answers as the raw file does', async () => {
    await stack.landReference();
    const [file] = await land('2013-01');
    expect(file?.status).toBe('published');
    await stack.untilIdle();

    const { steps, status } = await lastRun();
    expect(status).toBe('succeeded');
    expect(steps['refresh-power-bi']).toMatchObject({ seconds: expect.any(Number), detail: 'shows version 1' });
    expect(steps['refresh-analysis-services']).toMatchObject({ seconds: expect.any(Number) });
    for (const name of SERVICES) expect(steps[`refresh-${name}`]).not.toHaveProperty('error');

    const answer = await answerTo({
      measures: ['Flights', 'Cancelled', 'Average Arrival Delay', 'Late Share'],
      by: ['Carrier[Carrier]', 'Date[Date]'],
      filters: [
        { column: 'Origin[Origin Code]', values: ['JFK', 'LGA'] },
        { column: 'Date[Date]', operator: 'to', value: '2013-01-07' },
      ],
    });
    const raw = await queryRawFiles(`
      SELECT a.name, make_date(year, month, day) AS date, count(*) AS flights,
        nullif(count(*) FILTER (dep_time IS NULL), 0) AS cancelled, avg(arr_delay) AS delay,
        nullif(count(*) FILTER (arr_delay > 15), 0) / nullif(count(arr_delay), 0) AS late
      FROM flights f LEFT JOIN airlines a USING (carrier)
      WHERE month = 1 AND day <= 7 AND origin IN ('JFK', 'LGA') GROUP BY a.name, date ORDER BY lower(a.name), date`);
    expect(answer.columns.map(({ name }) => name).slice(0, 3)).toEqual(['Carrier[Carrier]', 'Date[Date]', 'Flights']);
    expect(raw.length).toBeGreaterThan(50);
    expect(answer.rows.map((row) => row.map(rounded))).toEqual(raw.map((row) => Object.values(row).map(rounded)));
    expect(answer).toMatchObject({ versions: { flights: 1, planes: 1, airlines: 1 }, truncated: false });
  });

  test('says what is wrong with a question', async () => {
    const wrong = async (question: object) => {
      const response = await ask(question);
      return [response.status, ((await response.json()) as { detail: string }).detail];
    };
    expect(await wrong({ measures: ['Fligths'] })).toEqual([
      400,
      expect.stringContaining('Fligths: there is no such measure'),
    ]);
    expect(await wrong({ measures: ['Flights'], by: ['Flights[Distance]'] })).toEqual([
      400,
      expect.stringContaining('hidden'),
    ]);
    const few = await answerTo({ measures: ['Flights'], by: ['Carrier[Carrier]'], limit: 3 });
    expect(few).toMatchObject({ rowCount: 3, truncated: true });
  });

  test('is refreshed once more for all that was published while it was refreshed', async () => {
    const before = await counts();
    const landed = land('2013-02');
    await untilRefreshing();
    process.kill(stack.pids()['power-bi'] ?? 0, 'SIGSTOP');
    try {
      await landed;
      await land('2013-03', '2013-04');
    } finally {
      process.kill(stack.pids()['power-bi'] ?? 0, 'SIGCONT');
    }
    await stack.untilIdle();
    const [powerBi = 0, analysisServices = 0] = await counts();
    expect(powerBi - (before[0] ?? 0)).toBe(2);
    // Its first may have been asked for just before or after the stop: then it began late enough for all of them.
    expect([1, 2]).toContain(analysisServices - (before[1] ?? 0));
    const [second, ...others] = await stack.runs('flights');
    const [first] = others.slice(-2);
    expect(first?.steps['refresh-power-bi']?.detail).toMatch(/^shows version \d+$/);
    expect(second?.steps['refresh-power-bi']?.detail).toBe(`shows version ${second?.number}`);
    const startOf = (run: ApiRun | undefined) => run?.steps['refresh-power-bi']?.startedAt ?? '';
    expect(startOf(second) > startOf(first)).toBe(true);
  });

  test.each(['power-bi', 'functions-host'] as const)(
    'is refreshed, and once only, when %s dies in the middle of it',
    async (server) => {
      const before = await counts();
      // The host takes those with it who follow the file by its API.
      const landed = Promise.allSettled([land(server === 'power-bi' ? '2013-05' : '2013-06')]);
      const began = await untilRefreshing();
      await stack.kill(server);
      await stack.start(server);
      await landed;
      await stack.untilIdle();
      expect(await counts()).toEqual(more(before, 1));
      const { number, steps, status } = await lastRun();
      expect(status).toBe('succeeded');
      expect(steps['refresh-power-bi']).toMatchObject({ startedAt: began, detail: `shows version ${number}` });
      for (const name of SERVICES) expect(steps[`refresh-${name}`]).not.toHaveProperty('error');
    },
  );

  test('is refreshed after all when the warehouse dies in the middle of it', async () => {
    const landed = land('2013-09');
    await untilRefreshing();
    await stack.kill('synapse');
    await stack.start('synapse');
    await landed;
    await stack.untilIdle();
    const { number, steps } = await lastRun();
    expect(steps['refresh-power-bi']?.detail).toBe(`shows version ${number}`);
    for (const name of SERVICES) expect(steps[`refresh-${name}`]).not.toHaveProperty('error');
  });

  test('that cannot be refreshed leaves the batch published and says why; the next publication catches up', async () => {
    await queryWarehouse(
      stack.settings,
      "INSERT INTO dw.dim_carrier (carrier, name, _file, _line, _batch) VALUES ('AA', 'Twice', 'none', 1, 'none')",
    );
    await land('2013-07');
    await stack.untilIdle();
    const failed = await lastRun();
    expect(failed.status).toBe('succeeded');
    for (const name of SERVICES) expect(failed.steps[`refresh-${name}`]?.error).toContain("duplicate value 'AA'");
    const { versions } = await answerTo({ measures: ['Flights'] });
    expect(versions.flights).toBe(failed.number - 1);

    await queryWarehouse(stack.settings, "DELETE FROM dw.dim_carrier WHERE name = 'Twice'");
    await land('2013-08');
    await stack.untilIdle();
    const { number, steps } = await lastRun();
    expect(steps['refresh-power-bi']?.detail).toBe(`shows version ${number}`);
    expect((await answerTo({ measures: ['Flights'] })).rows).toEqual([[9 * LINES]]);
  });
});

function rounded(value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(12)) : (value ?? null);
}
