import { LandfallError } from '../shared/errors.ts';
import { ModelServiceError } from '../shared/semantic-model/model-rest.ts';
import type { ModelService, SemanticModel } from '../shared/semantic-model/semantic-model.ts';
import type { SemanticModels } from '../shared/semantic-model/semantic-models.ts';
import type { Services } from '../shared/services.ts';
import type { Activities, BegunRefresh } from './activities.ts';
import { refreshStep } from './refresh-step.ts';

/**
 * Begins a refresh that shows some publications, or finds the one that does. Neither service takes an idempotency token:
 * so a refresh that began after the publications is taken for the one wanted, whoever asked for it, and repeating this
 * activity, after a crash or a lost answer, starts no second one.
 */
export function createStartRefresh({
  semanticModels,
  runs,
}: Pick<Services, 'semanticModels' | 'runs'>): Activities['start-refresh'] {
  return async ({ service, publications, since }) => {
    const model = modelIn(semanticModels, service);
    const timeoutSeconds = semanticModels.refreshTimeoutSeconds;
    try {
      const begun = await begin(model, since);
      const startedAt = new Date().toISOString();
      await Promise.all(
        publications.map(({ dataset, batch }) => runs.step(dataset, batch, refreshStep(service), { startedAt })),
      );
      return { ...begun, timeoutSeconds };
    } catch (error) {
      if (error instanceof ModelServiceError && !error.isPassing)
        return { id: '', covers: false, timeoutSeconds, refusal: error.message };
      throw error;
    }
  };
}

/** The client of a service. @throws LandfallError when its settings are gone by now */
export function modelIn(semanticModels: SemanticModels, service: ModelService): SemanticModel {
  const model = semanticModels.in(service);
  if (model === undefined)
    throw new LandfallError('ModelNotConfigured', `The app settings of ${service} are gone; see README.`);
  return model;
}

async function begin(model: SemanticModel, since: string): Promise<Pick<BegunRefresh, 'id' | 'covers'>> {
  const wanted = (await model.recentRefreshes()).find(
    ({ startedAt, state }) => startedAt >= since && (state === 'running' || state === 'completed'),
  );
  const id = wanted?.id ?? (await model.requestRefresh());
  if (id !== undefined) return { id, covers: true };
  const running = (await model.recentRefreshes()).find(({ state }) => state === 'running');
  // It ended between the two questions: the next attempt of this activity starts one.
  if (running === undefined)
    throw new LandfallError('RefreshRefused', 'A refresh was refused since one was running, but none is.');
  return { id: running.id, covers: running.startedAt >= since };
}
