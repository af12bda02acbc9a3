import { EntityId, type OrchestrationContext, type Task } from 'durable-functions';
import type { RefreshAnswer } from '../entities/semantic-model.ts';
import type { Batch } from '../shared/ledger/batch.ts';
import { ENTITIES } from '../shared/names.ts';
import type { ModelService } from '../shared/semantic-model/semantic-model.ts';
import { callActivity } from './call-activity.ts';
import { causeOf } from './cause-of.ts';

/**
 * Asks for the semantic model to show what a batch has published, and waits for nothing more. Never throws: a model that
 * is behind is caught up by the next publication, and the batch stays published.
 */
export function* requestModelRefresh(context: OrchestrationContext, batch: Batch): Generator<Task, void, never> {
  const { id, dataset, number, trace } = batch;
  const publishedAt = context.df.currentUtcDateTime.toISOString();
  const publication = { dataset, batch: id, version: number, publishedAt, ...(trace === undefined ? {} : { trace }) };
  try {
    const services: readonly ModelService[] = yield callActivity(context, 'find-semantic-models', dataset);
    for (const service of services) {
      const driver = `model-${service}-${id}`;
      const entity = new EntityId(ENTITIES.semanticModel, service);
      const { drives }: RefreshAnswer = yield context.df.callEntity(entity, 'request', { publication, driver });
      if (drives) yield callActivity(context, 'drive-refresh', { service, driver });
    }
  } catch (error) {
    context.warn(`${id} is published, but the semantic model could not be asked to show it: ${causeOf(error)}`);
  }
}
