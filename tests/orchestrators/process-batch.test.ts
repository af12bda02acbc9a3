import { describe, expect, test } from '@jest/globals';
import type { JobOutcome } from '../../src/activities/activities.ts';
import { EMPTY_INTAKE } from '../../src/entities/intake.ts';
import { admitFile } from '../../src/orchestrators/admit-file.ts';
import { processBatch, serveInsights, stageWarehouse } from '../../src/orchestrators/process-batch.ts';
import { runDatabricksJob } from '../../src/orchestrators/run-databricks-job.ts';
import type { Batch, FileList } from '../../src/shared/ledger/batch.ts';
import { ORCHESTRATORS } from '../../src/shared/names.ts';
import { createInlineDurable } from '../support/inline-durable.ts';

const STORIES = {
  [ORCHESTRATORS.admitFile]: admitFile,
  [ORCHESTRATORS.processBatch]: processBatch,
  [ORCHESTRATORS.stageWarehouse]: stageWarehouse,
  [ORCHESTRATORS.serveInsights]: serveInsights,
  [ORCHESTRATORS.runDatabricksJob]: runDatabricksJob,
};

const ROWS = { read: 10, loaded: 8, quarantined: 1, duplicates: 1, superseded: 0 };
const SUCCESS: JobOutcome = { state: 'succeeded', message: '', needsTraining: false, trained: false };

const files = (count: number): FileList => ({ path: 'runs/files.json', count });
const INSPECTION = { files: files(1), replacesRows: false, plan: { warehouse: true, insights: true } };
const VERDICT = { passed: true, reason: '', rows: ROWS, files: files(1) };

function activities(overrides: Record<string, (input: never) => unknown> = {}) {
  return {
    'gather-files': (batch: Batch) => ({ batch: { ...batch, files: files(1) }, more: false }),
    'inspect-files': () => INSPECTION,
    'last-batch-number': () => 0,
    'start-job': () => '1001',
    'cancel-job': () => null,
    'await-job': () => SUCCESS,
    'check-quality': () => VERDICT,
    'load-warehouse': () => 8,
    'upsert-insights': () => 4,
    'publish-warehouse': () => null,
    'publish-insights': () => null,
    'end-batch': () => null,
    'announce-publication': () => null,
    'refresh-dependents': () => [],
    'find-semantic-models': () => [],
    ...overrides,
  };
}

const ADMISSION = { dataset: 'flights' };

describe('a batch', () => {
  test('goes through every step and publishes the warehouse before the insights', async () => {
    const durable = createInlineDurable(STORIES, activities());
    await durable.run(ORCHESTRATORS.admitFile, ADMISSION);
    const steps = durable.trace.calls
      .filter((call) => call.startsWith('activity'))
      .map((call) => call.slice('activity '.length));
    expect(steps.slice(0, 5)).toEqual(['last-batch-number', 'gather-files', 'inspect-files', 'start-job', 'await-job']);
    expect(steps.slice(-6)).toEqual([
      'publish-warehouse',
      'publish-insights',
      'end-batch',
      'refresh-dependents',
      'find-semantic-models',
      'announce-publication',
    ]);
    expect(steps.indexOf('upsert-insights')).toBeLessThan(steps.indexOf('publish-warehouse'));
    expect(durable.trace.inputs.get('end-batch')).toMatchObject([{ status: 'succeeded', rows: ROWS }]);
  });

  test('starts no Databricks run when nothing in it is new', async () => {
    const durable = createInlineDurable(
      STORIES,
      activities({ 'inspect-files': () => ({ ...INSPECTION, files: files(0) }) }),
    );
    await durable.run(ORCHESTRATORS.admitFile, ADMISSION);
    expect(durable.trace.calls).not.toContain('activity start-job');
    expect(durable.trace.inputs.get('end-batch')).toMatchObject([{ status: 'unchanged' }]);
  });

  test('keeps its rows in reserve, unpublished, when every one was there before', async () => {
    const rows = { read: 2, loaded: 0, quarantined: 0, duplicates: 2, superseded: 0 };
    const durable = createInlineDurable(STORIES, activities({ 'check-quality': () => ({ ...VERDICT, rows }) }));
    await durable.run(ORCHESTRATORS.admitFile, ADMISSION);
    expect(durable.trace.inputs.get('start-job')).toMatchObject([
      { step: 'cleanse' },
      { step: 'score', skipModel: true, unpublished: true },
    ]);
    expect(durable.trace.calls).not.toContain('activity publish-insights');
    expect(durable.trace.inputs.get('end-batch')).toMatchObject([{ status: 'unchanged' }]);
  });

  test('trains a model when scoring finds none, and scores again', async () => {
    const outcome = ({ request }: { request: { step: string; attempt: number } }): JobOutcome => ({
      ...SUCCESS,
      needsTraining: request.step === 'score' && request.attempt === 1,
      trained: request.step === 'train',
    });
    const durable = createInlineDurable(STORIES, activities({ 'await-job': outcome as never }));
    await durable.run(ORCHESTRATORS.admitFile, ADMISSION);
    const jobs = durable.trace.inputs.get('start-job') as { step: string; attempt: number; skipModel?: boolean }[];
    expect(jobs.map(({ step, attempt }) => `${step} ${attempt}`)).toEqual([
      'cleanse 1',
      'score 1',
      'train 1',
      'score 2',
      'insights 1',
    ]);
    expect(jobs[3]?.skipModel).toBe(false);
    expect(durable.trace.inputs.get('load-warehouse')).toMatchObject([{ attempt: 2 }]);
  });

  test('is scored without a model when training found too little to learn from', async () => {
    const outcome = ({ request }: { request: { step: string; attempt: number } }): JobOutcome => ({
      ...SUCCESS,
      needsTraining: request.step === 'score' && request.attempt === 1,
    });
    const durable = createInlineDurable(STORIES, activities({ 'await-job': outcome as never }));
    await durable.run(ORCHESTRATORS.admitFile, ADMISSION);
    const jobs = durable.trace.inputs.get('start-job') as { step: string; attempt: number; skipModel?: boolean }[];
    expect(jobs.find(({ step, attempt }) => step === 'score' && attempt === 2)?.skipModel).toBe(true);
  });

  test('that fails the quality gate publishes nothing and is recorded with the reason', async () => {
    const durable = createInlineDurable(
      STORIES,
      activities({ 'check-quality': () => ({ ...VERDICT, passed: false, reason: 'too many rejects' }) }),
    );
    await durable.run(ORCHESTRATORS.admitFile, ADMISSION);
    expect(durable.trace.calls).not.toContain('activity publish-warehouse');
    expect(durable.trace.inputs.get('end-batch')).toMatchObject([{ status: 'failed', error: 'too many rejects' }]);
  });

  test('whose Databricks run fails is recorded with what the run said', async () => {
    const failed: JobOutcome = { ...SUCCESS, state: 'failed', message: 'cleanse: out of luck' };
    const durable = createInlineDurable(STORIES, activities({ 'await-job': () => failed }));
    await durable.run(ORCHESTRATORS.admitFile, ADMISSION);
    expect(durable.trace.inputs.get('end-batch')).toMatchObject([
      { status: 'failed', error: expect.stringContaining('out of luck') },
    ]);
  });
});

describe('a batch whose warehouse load fails', () => {
  test('ends only when the insights beside it have ended too, and publishes nothing', async () => {
    const durable = createInlineDurable(
      STORIES,
      activities({
        'load-warehouse': () => {
          throw new Error('the pool is paused');
        },
      }),
    );
    await durable.run(ORCHESTRATORS.admitFile, ADMISSION);
    const { calls } = durable.trace;
    expect(calls.indexOf('activity upsert-insights')).toBeGreaterThan(-1);
    expect(calls.indexOf('activity upsert-insights')).toBeLessThan(calls.indexOf('activity end-batch'));
    expect(calls).not.toContain('activity publish-warehouse');
    expect(durable.trace.inputs.get('end-batch')).toMatchObject([{ status: 'failed', error: 'the pool is paused' }]);
  });
});

test('a publication that cannot be announced stays published', async () => {
  const durable = createInlineDurable(
    STORIES,
    activities({
      'announce-publication': () => {
        throw new Error('no such topic');
      },
    }),
  );
  await durable.run(ORCHESTRATORS.admitFile, ADMISSION);
  expect((durable.trace.inputs.get('end-batch') as { status: string }[]).map(({ status }) => status)).toEqual([
    'succeeded',
  ]);
});

test('a run that cannot be followed any longer is cancelled', async () => {
  const durable = createInlineDurable(
    STORIES,
    activities({
      'await-job': () => {
        throw new Error('Databricks is away');
      },
    }),
  );
  await durable.run(ORCHESTRATORS.admitFile, ADMISSION);
  expect(durable.trace.inputs.get('cancel-job')).toEqual(['1001']);
});

test('a file that changed while it was read is left out of what follows', async () => {
  const durable = createInlineDurable(
    STORIES,
    activities({ 'check-quality': () => ({ ...VERDICT, files: files(0) }) }),
  );
  await durable.run(ORCHESTRATORS.admitFile, ADMISSION);
  expect(durable.trace.inputs.get('start-job')).toHaveLength(1);
  expect(durable.trace.inputs.get('end-batch')).toMatchObject([{ status: 'unchanged' }]);
});

describe('a batch without files', () => {
  test('scores all rows again and publishes them, without cleansing', async () => {
    const durable = createInlineDurable(STORIES, activities());
    await durable.run(ORCHESTRATORS.admitFile, { dataset: 'flights', refresh: 'planes-00000002 was published' });
    const jobs = durable.trace.inputs.get('start-job') as { step: string }[];
    expect(jobs.map(({ step }) => step)).toEqual(['rescore', 'insights']);
    expect(durable.trace.calls).not.toContain('activity check-quality');
    expect(durable.trace.inputs.get('end-batch')).toMatchObject([{ status: 'succeeded' }]);
  });

  test('trains a model when the champion is of another definition', async () => {
    const outcome = ({ request }: { request: { step: string; attempt: number } }): JobOutcome => ({
      ...SUCCESS,
      needsTraining: request.step === 'rescore' && request.attempt === 1,
      trained: request.step === 'train',
    });
    const durable = createInlineDurable(STORIES, activities({ 'await-job': outcome as never }));
    await durable.run(ORCHESTRATORS.admitFile, { dataset: 'flights', refresh: 'why not' });
    const jobs = durable.trace.inputs.get('start-job') as { step: string; attempt: number }[];
    expect(jobs.map(({ step, attempt }) => `${step} ${attempt}`)).toEqual([
      'rescore 1',
      'train 1',
      'rescore 2',
      'insights 1',
    ]);
  });
});

describe('a batch that is resumed', () => {
  const batch: Batch = { id: 'flights-00000001', dataset: 'flights', number: 1, resumes: 1 };

  test('goes on under its own name when nothing came after it', async () => {
    const durable = createInlineDurable(
      STORIES,
      activities({ 'reopen-batch': () => ({ batch, inPlace: true }), 'last-batch-number': () => 1 }),
    );
    await durable.run(ORCHESTRATORS.admitFile, { dataset: 'flights', resume: { id: batch.id, times: 1 } });
    expect(durable.trace.inputs.get('inspect-files')).toEqual([{ ...batch, files: files(1) }]);
  });

  test('goes through a new batch when others came after it', async () => {
    const durable = createInlineDurable(
      STORIES,
      activities({ 'reopen-batch': () => ({ batch, inPlace: true }), 'last-batch-number': () => 7 }),
    );
    await durable.run(ORCHESTRATORS.admitFile, { dataset: 'flights', resume: { id: batch.id, times: 1 } });
    expect(durable.trace.inputs.get('inspect-files')).toMatchObject([
      { id: 'flights-00000008', dataset: 'flights', number: 8, files: files(1) },
    ]);
  });
});

test('a batch that was cancelled before a job began fails without it', async () => {
  const durable = createInlineDurable(STORIES, activities({ 'start-job': () => null }));
  await durable.run(ORCHESTRATORS.admitFile, ADMISSION);
  expect(durable.trace.calls).not.toContain('activity await-job');
  expect(durable.trace.inputs.get('end-batch')).toMatchObject([
    { status: 'failed', error: expect.stringContaining('cancelled') },
  ]);
});

describe('the intake', () => {
  /** A ledger of files that have arrived, and a look at the files of each batch. */
  function ledger(limit: number, during: () => Promise<void>, overrides: Parameters<typeof activities>[0] = {}) {
    const arrived: string[] = ['a'];
    const batches: [string, number][] = [];
    const durable = createInlineDurable(
      STORIES,
      activities({
        'gather-files': ((batch: Batch) => {
          const taken = arrived.splice(0, limit);
          if (taken.length === 0) return { batch: null, more: false };
          batches.push([batch.id, taken.length]);
          return { batch: { ...batch, files: files(taken.length) }, more: arrived.length > 0 };
        }) as never,
        'inspect-files': async () => {
          await during();
          return INSPECTION;
        },
        ...overrides,
      }),
    );
    const land = async (...names: string[]): Promise<void> => {
      for (const name of names) {
        arrived.push(name);
        await durable.run(ORCHESTRATORS.admitFile, ADMISSION);
      }
    };
    return { durable, land, batches };
  }

  test('collects files that arrive while a batch runs into the next batches, each up to its limit', async () => {
    const names = ['b', 'c', 'd'];
    const { durable, land, batches } = ledger(2, () => land(...names.splice(0)));
    await durable.run(ORCHESTRATORS.admitFile, ADMISSION);
    expect(batches).toEqual([
      ['flights-00000001', 1],
      ['flights-00000002', 2],
      ['flights-00000003', 1],
    ]);
    expect(durable.intakes.get('flights')).toEqual({ ...EMPTY_INTAKE, lastNumber: 3 });
  });

  test('begins no batch for files that the one before has taken along', async () => {
    const { durable, batches } = ledger(9, async () => undefined);
    await durable.run(ORCHESTRATORS.admitFile, ADMISSION);
    await durable.run(ORCHESTRATORS.admitFile, ADMISSION);
    expect(batches).toEqual([['flights-00000001', 1]]);
    expect(durable.intakes.get('flights')).toEqual({ ...EMPTY_INTAKE, lastNumber: 1 });
  });

  test('goes on with waiting files after a batch has failed', async () => {
    const names = ['b'];
    const { durable, land } = ledger(9, async () => {
      if (names.length === 0) return;
      await land(...names.splice(0));
      throw new Error('storage is away');
    });
    await durable.run(ORCHESTRATORS.admitFile, ADMISSION);
    expect((durable.trace.inputs.get('end-batch') as { status: string }[]).map(({ status }) => status)).toEqual([
      'failed',
      'succeeded',
    ]);
  });
});

test('a batch that trains a model anew over published rows has them scored by it, once it is published', async () => {
  const scored = [true, false];
  const durable = createInlineDurable(
    STORIES,
    activities({
      'await-job': ({ request: { step } }: { request: { step: string } }) => {
        if (step === 'train') return { ...SUCCESS, trained: true, rescore: true };
        return { ...SUCCESS, needsTraining: step === 'score' && scored.shift() === true };
      },
      'request-refresh': () => null,
    }),
  );
  await durable.run(ORCHESTRATORS.admitFile, ADMISSION);
  const { calls, inputs } = durable.trace;
  expect(inputs.get('request-refresh')).toMatchObject([{ dataset: 'flights', cause: 'flights-00000001' }]);
  expect(calls.indexOf('activity end-batch')).toBeLessThan(calls.indexOf('activity request-refresh'));
});

test('a long Databricks run is followed ever less often', async () => {
  let polls = 0;
  const durable = createInlineDurable(
    STORIES,
    activities({ 'await-job': () => ({ ...SUCCESS, state: ++polls < 6 ? 'active' : 'succeeded' }) }),
  );
  const batch: Batch = { id: 'flights-00000001', dataset: 'flights', number: 1 };
  await durable.run(ORCHESTRATORS.runDatabricksJob, { batch, step: 'cleanse', attempt: 1 });
  const waits = durable.trace.calls.filter((call) => call.startsWith('timer')).map((call) => Number(call.slice(6)));
  expect(waits).toEqual([1, 1.5, 2.25, 3.375, 5.0625].map((wait) => expect.closeTo(wait, 2)));
});
