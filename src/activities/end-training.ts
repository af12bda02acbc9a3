import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';

/** Closes the log of a training. */
export function createEndTraining({ runs }: Pick<Services, 'runs'>): Activities['end-training'] {
  return async ({ training: { id, dataset }, status, reason, error }) => {
    const training = (await runs.get(dataset, id))?.training;
    await runs.update(dataset, id, {
      status,
      endedAt: new Date().toISOString(),
      ...(error === undefined ? {} : { error }),
      ...(reason === undefined || training === undefined ? {} : { training: { ...training, verdict: 'kept', reason } }),
    });
    return null;
  };
}
