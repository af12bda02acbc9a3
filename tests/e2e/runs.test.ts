import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApiInsightPage, ApiRun } from '../../scripts/api-client.ts';
import { landFile } from '../../scripts/demo/land-files.ts';
import { FLIGHTS, REFERENCE, startTestStack, type TestStack } from './support/test-stack.ts';

const JANUARY = 'flights/2013-01.csv';

describe('a batch', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack();
    await stack.landReference();
  });
  afterAll(() => stack.dispose());

  const post = async (path: string): Promise<{ status: number; body: { detail?: string } }> => {
    const response = await fetch(`${stack.api.url}${path}`, {
      method: 'POST',
      headers: { 'x-functions-key': stack.api.key },
    });
    return { status: response.status, body: (await response.json()) as { detail?: string } };
  };
  const untilRun = async (is: (run: ApiRun) => boolean): Promise<ApiRun> => {
    for (let tries = 0; tries < 1200; tries++) {
      const found = (await stack.runs('flights')).find(is);
      if (found !== undefined) return found;
      await sleep(50);
    }
    throw new Error(`no such run came: ${JSON.stringify(await stack.runs('flights'))}`);
  };

  test('that is cancelled ends unpublished, its Databricks run with it, and goes on when it is resumed', async () => {
    const etag = await landFile(stack.blobs, join(FLIGHTS, '2013-01.csv'), JANUARY);
    const { id } = await untilRun(({ status }) => status === 'running');
    expect((await post(`/runs/${id}/cancel`)).status).toBe(202);
    const landed = new Map([[JANUARY, etag]]);
    const [failed] = await stack.follow(landed);
    expect(failed).toMatchObject({ status: 'failed', reason: expect.stringContaining('cancelled on request') });
    const canceled = await untilRun((run) => run.id === id && run.status === 'canceled');
    expect(canceled).toMatchObject({ error: expect.stringContaining('resume') });
    const { insights } = await stack.client.get<{ insights: { dataset: string; version: number | null }[] }>(
      '/insights',
    );
    expect(insights.filter(({ dataset }) => dataset === 'flights').map(({ version }) => version)).toContain(null);
    expect((await post(`/runs/${id}/cancel`)).status).toBe(409);

    expect((await post(`/runs/${id}/resume`)).status).toBe(202);
    await untilRun((run) => run.id === id && run.status === 'succeeded');
    const [published] = await stack.follow(landed);
    expect(published).toMatchObject({ status: 'published', batch: id, rows: { read: 27_004, loaded: 27_004 } });
    expect(published?.reason).toBeUndefined();
    expect(await post(`/runs/${id}/resume`)).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('succeeded') },
    });
  });

  test('that failed at the quality gate is judged again when it is resumed, without another Databricks run', async () => {
    const bad = readFileSync(join(FLIGHTS, '2013-02.csv'), 'utf8').split('\n').slice(0, 40);
    const spoilt = bad.map((line, index) => (index === 0 || line === '' ? line : line.replace(/^2013/, 'MMXIII')));
    const failed = await stack.landText('flights/2013-02.csv', `${spoilt.join('\n')}\n`);
    expect(failed).toMatchObject({ status: 'failed', reason: expect.stringContaining('max_quarantined_share') });
    const runs = (await stack.databricksRuns()).length;
    expect((await post(`/runs/${failed.batch}/resume`)).status).toBe(202);
    await untilRun((run) => run.id === failed.batch && run.resumes === 1 && run.status === 'failed');
    expect((await stack.databricksRuns()).length).toBe(runs);
  });

  test('that others have followed goes through a new batch when it is resumed', async () => {
    const [failed] = await stack.runs('flights');
    await stack.land({ 'flights/2013-03.csv': join(FLIGHTS, '2013-03.csv') });
    expect((await post(`/runs/${failed?.id}/resume`)).status).toBe(202);
    const again = await untilRun(({ number, status }) => number === (failed?.number ?? 0) + 2 && status === 'failed');
    expect(again.error).toContain('max_quarantined_share');
    await untilRun(({ id, continuedIn }) => id === failed?.id && continuedIn === again.id);
    expect(await post(`/runs/${failed?.id}/resume`)).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining(again.id) },
    });
  });

  test('of a reference brings its change to the insights of those that combine it', async () => {
    const [header = '', ...lines] = readFileSync(join(REFERENCE, 'planes.csv'), 'utf8').trimEnd().split('\n');
    const of = async (): Promise<readonly Record<string, unknown>[]> =>
      (await stack.client.get<ApiInsightPage>('/insights/flights/aircraft-punctuality?manufacturer=LANDFALL')).items;
    expect(await of()).toEqual([]);
    const changed = lines.map((line) => line.replace(/,AIRBUS INDUSTRIE,/, ',LANDFALL,'));
    expect(changed).not.toEqual(lines);
    const before = await stack.runs('flights');
    const planes = await stack.landText('reference/planes-new.csv', `${[header, ...changed].join('\n')}\n`, 'planes');
    expect(planes.status).toBe('published');
    const refresh = await untilRun(({ number, status }) => number > (before[0]?.number ?? 0) && status === 'succeeded');
    expect(refresh).toMatchObject({ files: 0, refresh: `${planes.batch} was published` });
    const steps = Object.keys(refresh.steps).filter((name) => !name.startsWith('refresh-'));
    expect(steps.sort()).toEqual(['insights', 'inspect', 'load', 'publish', 'rescore', 'upsert']);
    expect((await of()).length).toBeGreaterThan(0);
  });
});
