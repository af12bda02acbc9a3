import { setTimeout as sleep } from 'node:timers/promises';
import { closePipelineRun } from '../shared/data-factory/close-pipeline-run.ts';
import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';

/** How long one activity stays with a run; longer ones are followed by the orchestrator's timers. */
const STAY_MILLISECONDS = 3_000;

/** Follows a run of a pipeline for a few seconds. When it has ended its record is closed with what it read and wrote. */
export function createAwaitPipeline(
  services: Pick<Services, 'pipelines' | 'pipelineRuns'>,
): Activities['await-pipeline'] {
  const { pipelines } = services;
  return async ({ id, runId }) => {
    const factory = pipelines.factory();
    const until = Date.now() + STAY_MILLISECONDS;
    let run = await factory.run(runId);
    while (run.state === 'active' && Date.now() < until) {
      await sleep(pipelines.pollMilliseconds);
      run = await factory.run(runId);
    }
    if (run.state === 'active') return 'running';
    return closePipelineRun(services, { id, factoryRunId: runId, run });
  };
}
