import { EntityId, type OrchestrationContext, type Task } from 'durable-functions';
import type { Batch, FileRef } from '../activities/activities.ts';
import { ENTITIES, ORCHESTRATORS } from '../shared/names.ts';

/** Either a file that arrived, or a batch that this instance goes on with. */
export interface Admission {
  readonly dataset: string;
  readonly file?: FileRef;
  readonly batch?: Batch;
}

/**
 * Hands a file to its dataset's intake. When the intake is idle it gives a batch in return, which this instance then
 * drives, and after it whatever collected meanwhile; otherwise another instance is driving and will take the file along.
 */
export function* admitFile(context: OrchestrationContext): Generator<Task, void, never> {
  const { dataset, file, batch: inherited }: Admission = context.df.getInput();
  const intake = new EntityId(ENTITIES.intake, dataset);
  const batch: Batch | null = inherited ?? (yield context.df.callEntity(intake, 'admit', file));
  if (batch === null) return;
  try {
    yield context.df.callSubOrchestrator(ORCHESTRATORS.processBatch, batch, batch.id);
  } catch {
    // The batch has recorded its failure in the ledger; the files that wait behind it must not suffer for it.
  }
  const next: Batch | null = yield context.df.callEntity(intake, 'finish', batch.id);
  if (next !== null) context.df.continueAsNew({ dataset, batch: next } satisfies Admission);
}
