import { expect, test } from '@jest/globals';
import { runPipeline } from '../../src/orchestrators/run-pipeline.ts';
import type { PipelineRequest, PipelineRunStatus } from '../../src/shared/data-factory/pipeline-run-record.ts';
import { ORCHESTRATORS } from '../../src/shared/names.ts';
import { createInlineDurable } from '../support/inline-durable.ts';

const REQUEST: PipelineRequest = { id: 'copy-1', pipeline: 'copy', parameters: {}, timeLimitSeconds: 100 };
const STORIES = { [ORCHESTRATORS.runPipeline]: runPipeline };

function durableWith(overrides: Record<string, (input: never) => unknown>) {
  return createInlineDurable(STORIES, {
    'start-pipeline': () => ({ runId: 'r1' }),
    'await-pipeline': (): PipelineRunStatus => 'succeeded',
    'cancel-pipeline': ({ reason }: { reason: { status: PipelineRunStatus } }) => reason.status,
    'fail-pipeline': () => null,
    ...overrides,
  });
}

test('a run is followed until it has ended, ever less often', async () => {
  let looks = 0;
  const durable = durableWith({ 'await-pipeline': () => (++looks < 4 ? 'running' : 'succeeded') });
  expect(await durable.run(ORCHESTRATORS.runPipeline, REQUEST)).toBe('succeeded');
  expect(durable.trace.calls).toEqual([
    'activity start-pipeline',
    'activity await-pipeline',
    'timer 1',
    'activity await-pipeline',
    'timer 1.5',
    'activity await-pipeline',
    'timer 2.25',
    'activity await-pipeline',
  ]);
});

test('a run that takes longer than its limit is cancelled in the factory and has failed', async () => {
  const durable = durableWith({ 'await-pipeline': () => 'running' });
  expect(await durable.run(ORCHESTRATORS.runPipeline, { ...REQUEST, timeLimitSeconds: 5 })).toBe('failed');
  const waited = durable.trace.calls.filter((call) => call.startsWith('timer')).map((call) => Number(call.slice(6)));
  expect(waited.reduce((sum, seconds) => sum + seconds, 0)).toBe(5);
  expect(durable.trace.inputs.get('cancel-pipeline')).toEqual([
    { id: 'copy-1', runId: 'r1', reason: { status: 'failed', error: 'It took longer than its limit of 5 s.' } },
  ]);
});

test('a run that somebody cancels is cancelled in the factory, also when that was asked before it began', async () => {
  const durable = durableWith({ 'await-pipeline': () => 'running' });
  durable.raise('cancel');
  expect(await durable.run(ORCHESTRATORS.runPipeline, REQUEST)).toBe('canceled');
  expect(durable.trace.inputs.get('cancel-pipeline')).toMatchObject([{ runId: 'r1', reason: { status: 'canceled' } }]);
});

test('a run that the factory refuses has failed with its words, and nothing is cancelled', async () => {
  const durable = durableWith({ 'start-pipeline': () => ({ refused: 'no such table' }) });
  expect(await durable.run(ORCHESTRATORS.runPipeline, REQUEST)).toBe('failed');
  expect(durable.trace.inputs.get('fail-pipeline')).toEqual([
    { id: 'copy-1', status: 'failed', error: 'no such table' },
  ]);
  expect(durable.trace.inputs.has('cancel-pipeline')).toBe(false);
});

test('a run that cannot be followed any longer is cancelled, with the cause', async () => {
  const durable = durableWith({
    'await-pipeline': () => {
      throw new Error('Data Factory does not answer');
    },
  });
  expect(await durable.run(ORCHESTRATORS.runPipeline, REQUEST)).toBe('failed');
  expect(durable.trace.inputs.get('cancel-pipeline')).toMatchObject([
    { reason: { status: 'failed', error: 'Data Factory does not answer' } },
  ]);
});
