import { EntityId, type OrchestrationContext, type Task } from 'durable-functions';
import type { Gathering, ReopenedBatch } from '../activities/activities.ts';
import type { Answer, Arrival, Finish, Resumption } from '../entities/intake.ts';
import type { Admission, Batch } from '../shared/ledger/batch.ts';
import { ENTITIES, ORCHESTRATORS } from '../shared/names.ts';
import { callActivity, callUntilDone } from './call-activity.ts';

/**
 * Tells the dataset's intake of files that arrived, a wish to refresh or a batch to resume. When the intake is idle it gives
 * a batch in return, which this instance then drives, and after it whatever collected meanwhile; otherwise another instance
 * is driving and will take it along.
 */
export function* admitFile(context: OrchestrationContext): Generator<Task, void, never> {
  const admission: Admission = context.df.getInput();
  const intake = new EntityId(ENTITIES.intake, admission.dataset);
  const begun: Batch | null = admission.batch ?? (yield* ask(context, intake, admission));
  if (begun === null) return;
  const { batch, more }: Gathering =
    begun.refresh === undefined ? yield callUntilDone(context, 'gather-files', begun) : { batch: begun, more: false };
  try {
    if (batch !== null) yield context.df.callSubOrchestrator(ORCHESTRATORS.processBatch, batch, batch.id);
  } catch {
    // The batch has recorded its failure in the ledger; the files that wait behind it must not suffer for it.
  }
  const ended: Finish = { batch: begun.id, more, unused: batch === null };
  const { batch: next }: Answer = yield context.df.callEntity(intake, 'finish', ended);
  if (next !== null) context.df.continueAsNew({ dataset: admission.dataset, batch: next } satisfies Admission);
}

function* ask(
  context: OrchestrationContext,
  intake: EntityId,
  { dataset, refresh, orphan, resume }: Admission,
): Generator<Task, Batch | null, never> {
  const driver = context.df.instanceId;
  if (orphan !== undefined) {
    const answer: Answer = yield context.df.callEntity(intake, 'take-over', { batch: orphan, driver });
    return answer.batch;
  }
  if (resume !== undefined) {
    const reopened: ReopenedBatch = yield callActivity(context, 'reopen-batch', { dataset, ...resume });
    return yield* numbered(context, intake, 'resume', { ...reopened, driver } satisfies Resumption);
  }
  const arrival = { ...(refresh === undefined ? {} : { refresh }), driver };
  return yield* numbered(context, intake, 'admit', arrival satisfies Arrival);
}

/** Calls an operation that a new intake answers with a question: which number came last. */
function* numbered(
  context: OrchestrationContext,
  intake: EntityId,
  operation: 'admit' | 'resume',
  input: Arrival | Resumption,
): Generator<Task, Batch | null, never> {
  const answer: Answer = yield context.df.callEntity(intake, operation, input);
  if (!answer.asksForNumber) return answer.batch;
  const lastNumber: number = yield callActivity(context, 'last-batch-number', intake.key);
  const second: Answer = yield context.df.callEntity(intake, operation, { ...input, lastNumber });
  return second.batch;
}
