import { messageOf, statusOf } from '../shared/errors.ts';
import type { StepRecord } from '../shared/runs/run-record.ts';
import type { PublicationRef } from '../shared/semantic-model/publication-ref.ts';
import { shownVersions } from '../shared/semantic-model/shown-versions.ts';
import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';
import { timed } from './record-step.ts';
import { refreshStep } from './refresh-step.ts';

/**
 * Notes with each batch how the refresh for it ended. Where the model can be asked, it is: what counts is the version that
 * it shows.
 */
export function createRecordRefresh({
  semanticModels,
  runs,
}: Pick<Services, 'semanticModels' | 'runs'>): Activities['record-refresh'] {
  const outcomeFor = async (service: string, { dataset, version }: PublicationRef): Promise<Partial<StepRecord>> => {
    if (service !== 'power-bi') return {};
    try {
      const shown = (await shownVersions(semanticModels.queryable())).get(dataset);
      if (shown !== undefined && shown >= version) return { detail: `shows version ${shown}` };
      return {
        error: `The refresh completed, but the model shows ${shown === undefined ? 'none' : `version ${shown}`}.`,
      };
    } catch (error) {
      return { detail: `refreshed; what it shows could not be asked: ${messageOf(error)}` };
    }
  };
  return async ({ service, publications, ending }) => {
    const { startedAt, endedAt, error } = ending;
    for (const publication of publications) {
      const outcome = error === undefined ? await outcomeFor(service, publication) : { error };
      const record = timed(new Date(startedAt), new Date(endedAt), outcome);
      try {
        await runs.step(publication.dataset, publication.batch, refreshStep(service), record);
      } catch (gone) {
        if (statusOf(gone) !== 404) throw gone; // the run was deleted meanwhile
      }
    }
    return null;
  };
}
