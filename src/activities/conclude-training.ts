import { parseTrainResult, type TrainResult } from '../shared/databricks/job-results.ts';
import { areScoresStale } from '../shared/insights/publication.ts';
import { lakePaths } from '../shared/lake/paths.ts';
import { championVersion } from '../shared/models/champion.ts';
import { rememberExamined } from '../shared/models/examined.ts';
import { modelOf } from '../shared/models/model-of.ts';
import type { Training, Verdict } from '../shared/models/training.ts';
import { CONTAINERS } from '../shared/names.ts';
import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';

/** Records the verdict of a training's job, and what was learnt from, so that the same is not tried again. */
export function createConcludeTraining({
  datasets,
  lake,
  publications,
  runs,
}: Pick<Services, 'datasets' | 'lake' | 'publications' | 'runs'>): Activities['conclude-training'] {
  return async ({ training, lesson }) => {
    const { id, dataset, mode, force } = training;
    const { model } = modelOf(datasets, dataset);
    const result = parseTrainResult(await lake.readJson(CONTAINERS.lake, lakePaths.result(id, 'train', 1)));
    const { version, champion, contest, warnings, reason } = result;
    await runs.update(dataset, id, {
      training: {
        ...{ model: model.name, mode, force, verdict: verdictOf(training, result), reason, warnings },
        ...(version === undefined ? {} : { version }),
        ...(champion === undefined ? {} : { champion }),
        ...(contest === undefined ? {} : { contest }),
      },
    });
    if (mode === 'challenge') await rememberExamined(lake, dataset, model.name, lesson, id);
    const inUse = await championVersion(lake, dataset, model.name);
    const published = await publications.get(dataset);
    const stale = inUse !== undefined && published !== undefined && areScoresStale(published, inUse);
    return { rescore: result.rescore || stale };
  };
}

function verdictOf({ mode }: Training, { promoted }: TrainResult): Verdict {
  if (!promoted) return 'kept';
  return mode === 'rollback' ? 'rolled-back' : 'promoted';
}
