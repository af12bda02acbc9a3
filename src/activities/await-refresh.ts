import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelRefresh } from '../shared/semantic-model/semantic-model.ts';
import type { Services } from '../shared/services.ts';
import type { Activities } from './activities.ts';
import { modelIn } from './start-refresh.ts';

/** How long one activity stays with a refresh, as await-job does with a run. */
const STAY_MILLISECONDS = 5_000;
const FIRST_PAUSE_MILLISECONDS = 100;
const LONGEST_PAUSE_MILLISECONDS = 2_000;

/** Follows a refresh for a few seconds. */
export function createAwaitRefresh({ semanticModels }: Pick<Services, 'semanticModels'>): Activities['await-refresh'] {
  return async ({ service, id }) => {
    const model = modelIn(semanticModels, service);
    const until = Date.now() + STAY_MILLISECONDS;
    let pause = FIRST_PAUSE_MILLISECONDS;
    let refresh = await model.getRefresh(id);
    while (refresh?.state === 'running' && Date.now() < until) {
      await sleep(pause);
      pause = Math.min(pause * 1.5, LONGEST_PAUSE_MILLISECONDS);
      refresh = await model.getRefresh(id);
    }
    return refresh === undefined ? lost(id) : told(refresh);
  };
}

function told({ state, message, startedAt, endedAt }: ModelRefresh) {
  return { state, message, startedAt, endedAt: endedAt ?? new Date().toISOString() };
}

function lost(id: string) {
  const now = new Date().toISOString();
  const message = `The service knows no refresh ${id} any more.`;
  return { state: 'failed', message, startedAt: now, endedAt: now } as const;
}
