import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';

/** Closes the log of a training. */
export function createEndTraining({ runs }: Pick<Services, 'runs'>): Activities['end-training'] {
  return async ({ training: { id, dataset }, status, reason, error }) => {
    const { training, cancelRequested } = (await runs.get(dataset, id)) ?? {};
    await runs.update(dataset, id, {
      status: status === 'failed' && cancelRequested === true ? 'canceled' : status,
      endedAt: new Date().toISOString(),
      ...(error === undefined ? {} : { error }),
      ...(reason === undefined || training === undefined ? {} : { training: { ...training, verdict: 'kept', reason } }),
    });
    return null;
  };
}
