import { setTimeout as sleep } from 'node:timers/promises';
import { closePipelineRun } from '../shared/data-factory/close-pipeline-run.ts';
import { LandfallError } from '../shared/errors.ts';
import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';

const WITHIN_MILLISECONDS = 60_000;

/** Cancels a run of a pipeline, stays until it has ended and closes its record. Throws, and so is repeated, while it has not. */
export function createCancelPipeline(
  services: Pick<Services, 'pipelines' | 'pipelineRuns'>,
): Activities['cancel-pipeline'] {
  const { pipelines } = services;
  return async ({ id, runId, reason }) => {
    const factory = pipelines.factory();
    await factory.cancel(runId);
    const until = Date.now() + WITHIN_MILLISECONDS;
    let run = await factory.run(runId);
    while (run.state === 'active') {
      if (Date.now() > until)
        throw new LandfallError('RunNotCancelled', `Pipeline run ${runId} goes on after it was cancelled.`);
      await sleep(pipelines.pollMilliseconds);
      run = await factory.run(runId);
    }
    return closePipelineRun(services, { id, factoryRunId: runId, run, reason });
  };
}
