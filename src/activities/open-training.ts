import { areScoresStale } from '../shared/insights/publication.ts';
import { championVersion } from '../shared/models/champion.ts';
import { examinedLesson, lesson } from '../shared/models/examined.ts';
import { modelOf } from '../shared/models/model-of.ts';
import type { Services } from '../shared/services.ts';
import type { Activities, TrainingOpening } from './activities.ts';

/**
 * Opens the log of a training and looks whether there is anything to do, before any Databricks run is bought. A training
 * that has ended is not begun again, whoever starts its instance a second time.
 */
export function createOpenTraining({
  datasets,
  lake,
  publications,
  runs,
}: Pick<Services, 'datasets' | 'lake' | 'publications' | 'runs'>): Activities['open-training'] {
  return async ({ id, dataset: name, mode, force }) => {
    const { dataset, model } = modelOf(datasets, name);
    await runs.open({
      id,
      dataset: name,
      kind: 'training',
      number: 0,
      status: 'running',
      startedAt: new Date().toISOString(),
      files: 0,
      training: { model: model.name, mode, force },
      steps: {},
    });
    if ((await runs.get(name, id))?.status !== 'running') return opening('ended');
    const champion = await championVersion(lake, name, model.name);
    if (champion === undefined)
      return opening('unchanged', 'There is no champion yet; the first batch with enough rows trains one.');
    const current = await lesson(dataset, publications);
    const published = await publications.get(name);
    if (current === undefined || published === undefined) return opening('unchanged', 'Nothing is published yet.');
    if (mode === 'rollback' || force || (await examinedLesson(lake, name, model.name)) !== current)
      return { ...opening('train'), lesson: current };
    const same = `Neither rows nor contract have changed since the last challenge: champion ${champion} stays.`;
    // A refresh that failed after a promotion is made up for here.
    return areScoresStale(published, champion)
      ? { ...opening('unchanged', `${same} Published scores are of another model and are renewed.`), rescore: true }
      : opening('unchanged', same);
  };
}

function opening(kind: TrainingOpening['kind'], reason = ''): TrainingOpening {
  return { kind, reason, lesson: '', rescore: false };
}
