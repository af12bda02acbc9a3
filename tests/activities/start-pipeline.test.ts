import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createAwaitPipeline } from '../../src/activities/await-pipeline.ts';
import { createCancelPipeline } from '../../src/activities/cancel-pipeline.ts';
import { createStartPipeline } from '../../src/activities/start-pipeline.ts';
import { createDataFactory } from '../../src/shared/data-factory/data-factory-client.ts';
import type { PipelineRunChanges, PipelineRunLog } from '../../src/shared/data-factory/pipeline-run-log.ts';
import type { PipelineRunRecord } from '../../src/shared/data-factory/pipeline-run-record.ts';
import { activity, FACTORY, type Factory, GROUP, newFactory } from '../emulators/data-factory/factory.ts';

const ID = 'waits-2026-01-31';
const REQUEST = { id: ID, pipeline: 'waits', parameters: { seconds: 0 }, timeLimitSeconds: 60 };
const ALWAYS = { lastUpdatedAfter: new Date('2020-01-01'), lastUpdatedBefore: new Date('2100-01-01') };

let factory: Factory;
let record: PipelineRunRecord;
/** Which write to the record gets lost, as when the host dies before it. */
let lost: (fields: PipelineRunChanges) => boolean;

/** The record in memory; the factory is real. */
const pipelineRuns: PipelineRunLog = {
  open: async () => record,
  get: async () => record,
  claim: async (_record, askedAt) => {
    record = { ...record, askedAt };
    return true;
  },
  update: async (_id, fields) => {
    if (lost(fields)) throw new Error('the host died');
    record = { ...record, ...fields };
  },
  list: async () => ({ items: [record] }),
};
const needs = {
  pipelineRuns,
  pipelines: {
    isConfigured: true,
    factory: () => createDataFactory(factory.client, GROUP, FACTORY),
    pollMilliseconds: 20,
    settleSeconds: 1,
  },
};
const start = createStartPipeline(needs);
const runs = async () => (await factory.client.pipelineRuns.queryByFactory(GROUP, FACTORY, ALWAYS)).value;

beforeAll(async () => {
  factory = await newFactory();
});
beforeEach(async () => {
  const waits = activity('wait', 'Wait', {
    waitTimeInSeconds: { value: '@pipeline().parameters.seconds', type: 'Expression' },
  });
  const parameters = { seconds: { type: 'int', defaultValue: 0 }, requestId: { type: 'string', defaultValue: '' } };
  await factory.put('waits', { activities: [waits], parameters });
  await factory.put('plain', { activities: [waits], parameters: { seconds: { type: 'int' } } });
  const startedAt = new Date().toISOString();
  record = { ...REQUEST, factory: FACTORY, startedBy: 'request', status: 'running', startedAt };
  lost = () => false;
});
afterAll(async () => factory[Symbol.asyncDispose]());

test('a run is started once, however often that is asked', async () => {
  const before = (await runs()).length;
  const first = await start(REQUEST);
  expect(await start(REQUEST)).toEqual(first);
  expect(await runs()).toHaveLength(before + 1);
});

test('a run whose id was lost before it was noted is found again by its request id', async () => {
  const before = (await runs()).length;
  record = { ...record, id: 'waits-2026-02-01' };
  lost = ({ factoryRunId }) => factoryRunId !== undefined;
  await expect(start({ ...REQUEST, id: record.id })).rejects.toThrow('the host died');
  lost = () => false;
  const found = await start({ ...REQUEST, id: record.id });
  const after = await runs();
  expect(after).toHaveLength(before + 1);
  expect(found).toEqual({ runId: after.find(({ parameters }) => parameters?.requestId === record.id)?.runId });
});

test('a run that was never made is started once it is certain that the factory does not list it', async () => {
  record = { ...record, id: 'waits-2026-02-02', askedAt: new Date().toISOString() };
  const began = performance.now();
  const before = (await runs()).length;
  expect(await start({ ...REQUEST, id: record.id })).toHaveProperty('runId');
  expect(performance.now() - began).toBeGreaterThan(900);
  expect(await runs()).toHaveLength(before + 1);
});

test('what the factory refuses is a result, not something to repeat', async () => {
  expect(await start({ ...REQUEST, pipeline: 'nowhere' })).toEqual({
    refused: expect.stringContaining("Data Factory refused 'nowhere'"),
  });
});

test('only pipelines that declare the request id can be started, and it is no parameter for callers', async () => {
  const app = needs.pipelines.factory();
  expect((await app.pipelines()).map(({ name }) => name)).toEqual(['waits']);
  expect(await app.pipeline('plain')).toBeUndefined();
  expect(await app.pipeline('a/b')).toBeUndefined();
  expect((await app.pipeline('waits'))?.parameters).toEqual([{ name: 'seconds', type: 'int', required: false }]);
});

test('cancelling reaches the run and closes its record; a run that has ended stays as it ended', async () => {
  const cancel = createCancelPipeline(needs);
  const reason = { status: 'canceled', error: 'It was cancelled on request.' } as const;
  const runId = await needs.pipelines.factory().start('waits', { seconds: 600 }, 'waits-2026-02-03');
  expect(await cancel({ id: ID, runId, reason })).toBe('canceled');
  expect((await factory.ended(runId)).status).toBe('Cancelled');
  expect(record).toMatchObject({ status: 'canceled', error: reason.error, copies: [] });

  const quick = await needs.pipelines.factory().start('waits', { seconds: 0 }, 'waits-2026-02-04');
  await factory.ended(quick);
  expect(await cancel({ id: ID, runId: quick, reason })).toBe('succeeded');
  expect(record.status).toBe('succeeded');
});

test('a run that the factory does not know any more has failed, and cancelling it comes to an end', async () => {
  const runId = '00000000-0000-0000-0000-00000000dead';
  expect(await createAwaitPipeline(needs)({ id: ID, runId })).toBe('failed');
  expect(record).toMatchObject({ status: 'failed', error: expect.stringContaining('does not know this run') });
  const reason = { status: 'canceled', error: 'It was cancelled on request.' } as const;
  expect(await createCancelPipeline(needs)({ id: ID, runId, reason })).toBe('canceled');
});

test('a run that fails closes its record with the words of the factory', async () => {
  await factory.put('fails', {
    activities: [activity('no', 'Fail', { message: 'the table is gone', errorCode: '1' })],
  });
  const runId = await factory.start('fails');
  expect(await createAwaitPipeline(needs)({ id: ID, runId })).toBe('failed');
  expect(record).toMatchObject({ status: 'failed', error: expect.stringContaining('the table is gone') });
});
