import { describe, expect, test } from '@jest/globals';
import type { JobOutcome, TrainingOpening } from '../../src/activities/activities.ts';
import { retrainModel } from '../../src/orchestrators/retrain-model.ts';
import { runDatabricksJob } from '../../src/orchestrators/run-databricks-job.ts';
import { nightlyTraining, type Training } from '../../src/shared/models/training.ts';
import { ORCHESTRATORS } from '../../src/shared/names.ts';
import { createInlineDurable } from '../support/inline-durable.ts';

const SUCCESS: JobOutcome = { state: 'succeeded', message: '', needsTraining: false, trained: true };
const OPEN: TrainingOpening = { kind: 'train', reason: '', lesson: 'contract@a flights@3', rescore: false };
const NIGHT = nightlyTraining('flights', '2026-11-26');

const REFRESH = { dataset: 'flights', why: `${NIGHT.id} changed the model in use`, cause: NIGHT.id };

function tell(overrides: Record<string, (input: never) => unknown> = {}) {
  const durable = createInlineDurable(
    {
      [ORCHESTRATORS.retrainModel]: retrainModel,
      [ORCHESTRATORS.runDatabricksJob]: runDatabricksJob,
    },
    {
      'open-training': () => OPEN,
      'start-job': () => '1001',
      'await-job': () => SUCCESS,
      'cancel-job': () => null,
      'conclude-training': () => ({ rescore: false }),
      'request-refresh': () => null,
      'end-training': () => null,
      ...overrides,
    },
  );
  const run = (training: Training = NIGHT) => durable.run(ORCHESTRATORS.retrainModel, training, training.id);
  const inputs = (name: string) => durable.trace.inputs.get(name) ?? [];
  return { run, inputs, calls: durable.trace.calls };
}

describe('a training', () => {
  test('is one Databricks run, whose verdict is recorded with what it learnt from', async () => {
    const { run, inputs, calls } = tell();
    await run();
    expect(calls).toContain('sub retrain-flights-2026-11-26:train:1');
    expect(inputs('start-job')).toEqual([
      {
        batch: { id: NIGHT.id, dataset: 'flights', number: 0 },
        step: 'train',
        attempt: 1,
        training: { mode: 'challenge', force: false },
      },
    ]);
    expect(inputs('conclude-training')).toEqual([{ training: NIGHT, lesson: 'contract@a flights@3' }]);
    expect(inputs('end-training')).toEqual([{ training: NIGHT, status: 'succeeded' }]);
    expect(inputs('request-refresh')).toEqual([]);
  });

  test('has the intake rescore what is published when another model is in use', async () => {
    const { run, inputs, calls } = tell({ 'conclude-training': () => ({ rescore: true }) });
    await run();
    expect(inputs('request-refresh')).toEqual([REFRESH]);
    expect(calls.indexOf('activity conclude-training')).toBeLessThan(calls.indexOf('activity request-refresh'));
    expect(calls.indexOf('activity request-refresh')).toBeLessThan(calls.indexOf('activity end-training'));
  });

  test('on unchanged data is one check and no Databricks run', async () => {
    const reason = 'Neither rows nor contract have changed';
    const { run, inputs, calls } = tell({ 'open-training': () => ({ ...OPEN, kind: 'unchanged', reason }) });
    await run();
    expect(calls).toEqual(['activity open-training', 'activity end-training']);
    expect(inputs('end-training')).toEqual([{ training: NIGHT, status: 'unchanged', reason }]);
  });

  test('on unchanged data makes up for a rescoring that failed', async () => {
    const { run, inputs } = tell({
      'open-training': () => ({ ...OPEN, kind: 'unchanged', reason: 'stale', rescore: true }),
    });
    await run();
    expect(inputs('start-job')).toEqual([]);
    expect(inputs('request-refresh')).toEqual([REFRESH]);
  });

  test('that has ended is not begun again, though its instance is', async () => {
    const { run, calls } = tell({ 'open-training': () => ({ ...OPEN, kind: 'ended' }) });
    await run();
    expect(calls).toEqual(['activity open-training']);
  });

  test('whose run fails says why, concludes nothing and rescores nothing', async () => {
    const failed: JobOutcome = { ...SUCCESS, state: 'failed', message: 'train: the planes are gone' };
    const { run, inputs } = tell({ 'await-job': () => failed });
    await expect(run()).rejects.toThrow('the planes are gone');
    expect(inputs('conclude-training')).toEqual([]);
    expect(inputs('request-refresh')).toEqual([]);
    expect(inputs('end-training')).toEqual([
      { training: NIGHT, status: 'failed', error: 'train: the planes are gone' },
    ]);
  });
});
