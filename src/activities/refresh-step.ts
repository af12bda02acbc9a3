import type { ModelService } from '../shared/semantic-model/semantic-model.ts';

/** Under which name a run shows the refresh of the model in a service. */
export function refreshStep(service: ModelService): string {
  return `refresh-${service}`;
}
