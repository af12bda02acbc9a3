import { modelVersions } from '../insights/publication.ts';
import type { RunRecord } from '../runs/run-record.ts';
import type { Services } from '../services.ts';
import { readChampion } from './champion.ts';
import { modelOf } from './model-of.ts';

const TRAININGS = 20;

/** A dataset's model as the API tells it: what it predicts, the champion, what is published of it, its latest trainings. */
export async function presentModel(
  { datasets, lake, publications, runs }: Pick<Services, 'datasets' | 'lake' | 'publications' | 'runs'>,
  name: string,
): Promise<object> {
  const { model } = modelOf(datasets, name);
  const [champion, publication, trainings] = await Promise.all([
    readChampion(lake, name, model.name),
    publications.get(name),
    runs.list({ datasets: [name], kind: 'training' }, TRAININGS),
  ]);
  return {
    dataset: name,
    model: model.name,
    description: model.description,
    target: model.target,
    metric: model.metric,
    promoteWhenBetterBy: model.promote_when_better_by,
    champion: champion ?? null,
    publishedVersions: publication === undefined ? [] : modelVersions(publication),
    trainings: trainings.items.map(presentTraining),
  };
}

function presentTraining({ id, status, startedAt, endedAt, error, training }: RunRecord): object {
  return {
    run: id,
    href: `/api/runs/${id}`,
    status,
    startedAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(error === undefined ? {} : { error }),
    ...training,
  };
}
