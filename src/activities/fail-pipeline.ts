import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';

/** Closes the record of a run that never came to be, or that could not be followed. */
export function createFailPipeline({ pipelineRuns }: Pick<Services, 'pipelineRuns'>): Activities['fail-pipeline'] {
  return async ({ id, status, error }) => {
    await pipelineRuns.update(id, { status, error, endedAt: new Date().toISOString() });
    return null;
  };
}
