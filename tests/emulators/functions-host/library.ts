import { createRequire } from 'node:module';
import type { EntityHandler, OrchestrationHandler } from 'durable-functions';

type Handler = (trigger: unknown, context: object) => Promise<unknown>;

/** What durable-functions makes of stories and entities, without an app around them. */
export const { createOrchestrator, createEntityFunction } = createRequire(import.meta.url)(
  'durable-functions/lib/src/util/testingUtils',
) as {
  createOrchestrator(story: OrchestrationHandler): Handler;
  createEntityFunction<T>(entity: EntityHandler<T>): Handler;
};
