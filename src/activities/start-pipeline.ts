import { setTimeout as sleep } from 'node:timers/promises';
import { LandfallError } from '../shared/errors.ts';
import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';

type Needs = Pick<Services, 'pipelines' | 'pipelineRuns'>;

/**
 * Starts a run of a pipeline, once: before the factory is asked this is noted, so that a repeated attempt knows that a
 * run may be there already, looks for the one with its request id, and asks again only when the factory has had the
 * time to list it and does not (docs/decisions/0009).
 */
export function createStartPipeline({ pipelines, pipelineRuns }: Needs): Activities['start-pipeline'] {
  return async ({ id, pipeline, parameters }) => {
    const record = await pipelineRuns.get(id);
    if (record === undefined) return { refused: `Nothing is known of a run '${id}'.` };
    if (record.factoryRunId !== undefined) return { runId: record.factoryRunId };
    const factory = pipelines.factory();
    if (record.askedAt !== undefined) {
      const found = await untilListed(record.askedAt, new Date(record.startedAt));
      if (found !== undefined) return note(found);
    }
    if (!(await pipelineRuns.claim(record, new Date().toISOString())))
      throw new LandfallError('AskedTwice', `Another attempt is starting run '${id}'.`);
    try {
      return await note(await factory.start(pipeline, parameters, id));
    } catch (error) {
      if (error instanceof LandfallError && error.name === 'PipelineRefused') return { refused: error.message };
      throw error;
    }

    async function note(factoryRunId: string): Promise<{ readonly runId: string }> {
      await pipelineRuns.update(id, { factoryRunId });
      return { runId: factoryRunId };
    }

    /** The run that an earlier attempt started; undefined once it is certain that there is none. */
    async function untilListed(askedAt: string, since: Date): Promise<string | undefined> {
      const certain = Date.parse(askedAt) + pipelines.settleSeconds * 1000;
      while (true) {
        const late = Date.now() > certain;
        const found = await factory.find(pipeline, id, since);
        if (found !== undefined || late) return found;
        await sleep(pipelines.pollMilliseconds);
      }
    }
  };
}
