import { EntityId, type OrchestrationContext, type Task } from 'durable-functions';
import type { BegunRefresh, RefreshDriver, RefreshEnding, RefreshOutcome } from '../activities/activities.ts';
import type { RefreshAnswer, RefreshBeginning } from '../entities/semantic-model.ts';
import { ENTITIES } from '../shared/names.ts';
import { newestOf, type PublicationRef } from '../shared/semantic-model/publication-ref.ts';
import type { ModelService } from '../shared/semantic-model/semantic-model.ts';
import { callActivity } from './call-activity.ts';
import { causeOf } from './cause-of.ts';

const LONGEST_WAIT_SECONDS = 30;
/** A refresh fails as a whole when the warehouse is away for a moment: it is tried again after these pauses. */
const TRY_AGAIN_AFTER_SECONDS = [2, 8];

/**
 * Refreshes the semantic model in one service for what was published, then for what was published meanwhile, until
 * nothing is left. A refresh that fails is told of, and the next publication tries again.
 */
export function* refreshSemanticModel(context: OrchestrationContext): Generator<Task, void, never> {
  const { service, replaces }: RefreshDriver = context.df.getInput();
  const driver = context.df.instanceId;
  const entity = new EntityId(ENTITIES.semanticModel, service);
  const beginning: RefreshBeginning = replaces === undefined ? { driver } : { driver, replaces };
  const { publications }: RefreshAnswer = yield context.df.callEntity(entity, 'begin', beginning);
  if (publications === null) return;
  const ending = yield* refreshFor(context, service, publications);
  try {
    yield callActivity(context, 'record-refresh', { service, publications, ending });
  } catch (error) {
    context.warn(`the refresh of ${service} could not be recorded: ${causeOf(error)}`);
  }
  const next: RefreshAnswer = yield context.df.callEntity(entity, 'finish', driver);
  if (next.publications !== null) context.df.continueAsNew({ service, driver } satisfies RefreshDriver);
}

/** One refresh that began after all these publications, from the asking to its end. */
function* refreshFor(
  context: OrchestrationContext,
  service: ModelService,
  publications: readonly PublicationRef[],
): Generator<Task, RefreshEnding, never> {
  const askedAt = context.df.currentUtcDateTime;
  const pauses = [...TRY_AGAIN_AFTER_SECONDS];
  const since = newestOf(publications);
  const failed = (error: string, startedAt?: string): RefreshEnding => ({
    startedAt: startedAt ?? askedAt.toISOString(),
    endedAt: context.df.currentUtcDateTime.toISOString(),
    error,
  });
  try {
    while (true) {
      const begun: BegunRefresh = yield callActivity(context, 'start-refresh', { service, publications, since });
      const { id, covers, timeoutSeconds, refusal } = begun;
      if (refusal !== undefined) return failed(refusal);
      const until = askedAt.getTime() + timeoutSeconds * 1000;
      const outcome = yield* follow(context, service, id, until);
      if (outcome.state === 'running') {
        // Somebody else's refresh is theirs to end.
        if (covers) yield callActivity(context, 'cancel-refresh', { service, id });
        return failed(
          covers
            ? `It did not end within ${timeoutSeconds} s and was cancelled.`
            : `Another refresh had not ended after ${timeoutSeconds} s.`,
          outcome.startedAt,
        );
      }
      // One that began before the publication may have missed it: its end only frees the way.
      if (!covers) continue;
      if (outcome.state === 'completed') return { startedAt: outcome.startedAt, endedAt: outcome.endedAt };
      const pause = outcome.state === 'failed' ? pauses.shift() : undefined;
      if (pause === undefined) return failed(`${outcome.state}: ${outcome.message}`, outcome.startedAt);
      yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + pause * 1000));
    }
  } catch (error) {
    return failed(causeOf(error));
  }
}

/** Looks closely for some seconds at a time, then ever less often, until the refresh has ended or the time is up. */
function* follow(
  context: OrchestrationContext,
  service: ModelService,
  id: string,
  until: number,
): Generator<Task, RefreshOutcome, never> {
  let wait = 1;
  while (true) {
    const outcome: RefreshOutcome = yield callActivity(context, 'await-refresh', { service, id });
    const now = context.df.currentUtcDateTime.getTime();
    if (outcome.state !== 'running' || now >= until) return outcome;
    yield context.df.createTimer(new Date(Math.min(now + wait * 1000, until)));
    wait = Math.min(wait * 1.5, LONGEST_WAIT_SECONDS);
  }
}
