import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PipelineResource } from '@azure/arm-datafactory';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type sql from 'mssql';
import type { ApiFile, ApiInsightPage, ApiPipelineRun, ApiRun } from '../../scripts/api-client.ts';
import { connectFactory } from '../../scripts/provision/data-factory.ts';
import { connectWarehouse } from '../../scripts/provision/warehouse.ts';
import { OPERATIONS_DATABASE } from '../../scripts/stack/endpoints.ts';
import { FLIGHTS, NIGHT, startTestStack, type TestStack } from './support/test-stack.ts';

const COPY = 'copy-reference-tables';
/** Waits as long as it is told before it copies: time to kill something. */
const PATIENT = 'patient-copy';
const PLANE = 'N14228';
const ALWAYS = { lastUpdatedAfter: new Date('2020-01-01'), lastUpdatedBefore: new Date('2100-01-01') };

describe('reference data from the operational database', () => {
  let stack: TestStack;
  let operations: sql.ConnectionPool;
  let factory: ReturnType<typeof connectFactory>;

  beforeAll(async () => {
    stack = await startTestStack();
    operations = await connectWarehouse(stack.settings, OPERATIONS_DATABASE);
    factory = connectFactory(stack.settings, stack.stateFolder);
    await factory.client.pipelines.createOrUpdate(factory.group, factory.factory, PATIENT, PATIENT_PIPELINE);
  });
  afterAll(async () => {
    await operations?.close();
    await stack?.dispose();
  });

  const post = async (path: string, body?: unknown) => {
    const response = await fetch(`${stack.api.url}${path}`, {
      method: 'POST',
      headers: { 'x-functions-key': stack.api.key },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as ApiPipelineRun & { readonly detail?: string };
    return { status: response.status, location: response.headers.get('location') ?? '', body: answer };
  };
  const start = async (pipeline: string, body?: unknown): Promise<string> => {
    const { status, location } = await post(`/pipelines/${pipeline}/runs`, body);
    expect(status).toBe(202);
    return location.replace('/api', '');
  };
  const until = async (path: string, is: (run: ApiPipelineRun) => boolean): Promise<ApiPipelineRun> => {
    for (let tries = 0; tries < 600; tries++) {
      const run = await stack.client.get<ApiPipelineRun>(path).catch(() => undefined); // while the host is away
      if (run !== undefined && is(run)) return run;
      await sleep(100);
    }
    throw new Error(`the run did not come that far: ${JSON.stringify(await stack.client.get(path))}`);
  };
  const ended = (path: string) => until(path, ({ status }) => status !== 'running');
  const published = (path: string, files: number) =>
    until(path, ({ fileRecords = [] }) => fileRecords.filter(({ status }) => status === 'published').length === files);
  /** What the factory itself knows of the runs of a pipeline. */
  const factoryRuns = async (pipeline: string) => {
    const { value } = await factory.client.pipelineRuns.queryByFactory(factory.group, factory.factory, {
      ...ALWAYS,
      filters: [{ operand: 'PipelineName', operator: 'Equals', values: [pipeline] }],
    });
    return value;
  };
  const rowsOf = async (table: string): Promise<number> => {
    const warehouse = await connectWarehouse(stack.settings);
    const { recordset } = await warehouse.query<{ rows: number }>(`SELECT COUNT(*) AS rows FROM dw.${table}`);
    await warehouse.close();
    return recordset[0]?.rows ?? 0;
  };

  test('is copied by a pipeline started over HTTP, and published; what was read and written is in the run', async () => {
    const path = await start(COPY);
    const run = await ended(path);
    expect(run).toMatchObject({ status: 'succeeded', rowsRead: 30_911, rowsWritten: 30_911, filesWritten: 4 });
    const rows = Object.fromEntries(run.copies.map(({ table, rowsWritten }) => [table, rowsWritten]));
    expect(rows).toEqual({ airlines: 16, airports: 1458, planes: 3322, weather: 26_115 });
    const { fileRecords = [] } = await published(path, 4);
    const loaded = Object.fromEntries(fileRecords.map((file: ApiFile) => [file.dataset, file.rows?.loaded]));
    expect(loaded).toEqual(rows);
    expect(await rowsOf('dim_plane')).toBe(3322);
  });

  test('lands no file when nothing changed', async () => {
    const before = await stack.client.all<ApiFile>('/files');
    expect(await ended(await start(COPY))).toMatchObject({ status: 'succeeded', rowsRead: 0, copies: [] });
    await stack.untilIdle();
    expect(await stack.client.all<ApiFile>('/files')).toEqual(before);
  });

  test('is copied once a night, also when the timer fires twice', async () => {
    await Promise.all([stack.runTimer('nightly-copy'), stack.runTimer('nightly-copy')]);
    const id = `${COPY}-${NIGHT.toISOString().slice(0, 10)}`;
    expect(await ended(`/pipelines/runs/${id}`)).toMatchObject({ startedBy: 'schedule', status: 'succeeded' });
    await stack.runTimer('nightly-copy');
    await stack.untilIdle();
    const runs = await stack.client.all<ApiPipelineRun>('/pipelines/runs');
    expect(runs.filter(({ startedBy }) => startedBy === 'schedule')).toHaveLength(1);
    expect(await factoryRuns(COPY)).toHaveLength(3);
  });

  test('that changed flows through to the insights, and the rows that did not stay', async () => {
    await stack.land({ 'flights/2013-01.csv': `${FLIGHTS}/2013-01.csv` });
    const aircraft = async (manufacturer: string): Promise<ApiInsightPage> =>
      stack.client.get<ApiInsightPage>(
        `/insights/flights/aircraft-punctuality?manufacturer=${encodeURIComponent(manufacturer)}`,
      );
    expect((await aircraft('LANDFALL')).items).toEqual([]);
    await operations.query(`UPDATE ops.planes SET manufacturer = 'LANDFALL', model = 'L-1', seats = 4,
      modified_at = SYSUTCDATETIME() WHERE tailnum = '${PLANE}'`);
    const path = await start(COPY);
    const { fileRecords = [] } = await published(path, 1);
    expect(fileRecords).toMatchObject([{ dataset: 'planes', rows: { read: 1, loaded: 1 } }]);
    // What the aircraft was before is kept.
    expect(await rowsOf('dim_plane')).toBe(3323);
    expect(await rowsOf('dim_plane_current')).toBe(3322);
    let page = await aircraft('LANDFALL');
    for (let tries = 0; tries < 300 && page.items.length === 0; tries++) {
      await sleep(100);
      page = await aircraft('LANDFALL');
    }
    const flown = await stack.client.all<ApiRun>('/runs?dataset=flights');
    expect(page.items).toMatchObject([{ manufacturer: 'LANDFALL', model: 'L-1', aircraft: 1, avg_seats: 4 }]);
    expect(flown).toHaveLength(2);
  });

  test('comes from a web server too, byte for byte, as files that people publish there', async () => {
    const month = readFileSync(join(FLIGHTS, '2013-02.csv'));
    const server = createServer((request, response) => {
      if (request.url === '/flights/feb.csv') response.end(month);
      else response.writeHead(404).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/flights`;
    const files = [{ path: 'feb.csv', folder: 'flights', file: '2013-02.csv' }];
    const path = await start('copy-http-files', { parameters: { url, files } });
    const { copies, fileRecords = [] } = await published(path, 1);
    server.close();
    expect(copies).toMatchObject([{ landed: 'flights/2013-02.csv', filesWritten: 1, bytesWritten: month.length }]);
    expect(fileRecords).toMatchObject([{ dataset: 'flights', size: month.length, rows: { read: 24_951 } }]);
  });

  test('stops being copied when the run is cancelled, or takes longer than it may', async () => {
    const cancelled = await start(PATIENT, { parameters: { seconds: 600 } });
    const limited = await start(PATIENT, { parameters: { seconds: 601 }, timeLimitSeconds: 1 });
    const { id } = await until(cancelled, ({ factoryRunId }) => factoryRunId !== undefined);
    expect((await post(`/pipelines/runs/${id}/cancel`)).status).toBe(202);
    expect(await ended(cancelled)).toMatchObject({ status: 'canceled', error: 'It was cancelled on request.' });
    expect(await ended(limited)).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('its limit of 1 s'),
    });
    expect((await factoryRuns(PATIENT)).map(({ status }) => status)).toEqual(['Cancelled', 'Cancelled']);
    expect((await post(`/pipelines/runs/${id}/cancel`)).status).toBe(409);
  });

  test('is copied by one run although host and factory are killed meanwhile', async () => {
    await operations.query(
      `UPDATE ops.planes SET seats = 5, modified_at = SYSUTCDATETIME() WHERE tailnum = '${PLANE}'`,
    );
    const before = (await factoryRuns(PATIENT)).length;
    const path = await start(PATIENT, { parameters: { seconds: 3 } });
    await until(path, ({ factoryRunId }) => factoryRunId !== undefined);
    await stack.kill('functions-host');
    await stack.kill('data-factory');
    await stack.start('data-factory');
    await stack.start('functions-host');
    expect(await ended(path)).toMatchObject({ status: 'succeeded' });
    const runs = await factoryRuns(PATIENT);
    expect(runs).toHaveLength(before + 1);
    expect(runs.find(({ parameters }) => parameters?.seconds === '3')?.status).toBe('Succeeded');
    const { recordset } = await operations.query<{ rows: number }>(
      "SELECT CAST(rows_copied AS INT) AS rows FROM etl.copied_table WHERE table_name = 'planes'",
    );
    expect(recordset).toEqual([{ rows: 1 }]);
  });

  test('is not started where there is no such pipeline, or with parameters that it does not have', async () => {
    expect((await post('/pipelines/nowhere/runs')).status).toBe(404);
    expect(await post(`/pipelines/${COPY}/runs`, { parameters: { folders: 'x' } })).toMatchObject({
      status: 400,
      body: { detail: 'Unknown parameter folders; known are: folder.' },
    });
  });
});

const PATIENT_PIPELINE: PipelineResource = {
  parameters: { seconds: { type: 'Int' }, requestId: { type: 'String', defaultValue: '' } },
  activities: [
    {
      name: 'wait',
      type: 'Wait',
      waitTimeInSeconds: { value: '@pipeline().parameters.seconds', type: 'Expression' },
    },
    {
      name: 'copy',
      type: 'ExecutePipeline',
      dependsOn: [{ activity: 'wait', dependencyConditions: ['Succeeded'] }],
      pipeline: { type: 'PipelineReference', referenceName: COPY },
      waitOnCompletion: true,
    },
  ],
};
