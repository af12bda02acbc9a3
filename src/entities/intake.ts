import type { EntityContext } from 'durable-functions';
import type { Batch, FileRef } from '../activities/activities.ts';
import { batchId } from '../shared/names.ts';

/** Who is being processed and who waits, for one dataset. */
export interface IntakeState {
  readonly running: Batch | null;
  readonly waiting: readonly FileRef[];
  readonly lastNumber: number;
}

export const EMPTY_INTAKE: IntakeState = { running: null, waiting: [], lastNumber: 0 };

/** Keeps what an orchestration carries well below what slows Durable Functions down (16 KB). */
const FILES_PER_BATCH = 60;

export interface IntakeStep {
  readonly state: IntakeState;
  readonly batch: Batch | null;
}

/** Admits a file: it starts a batch when none is running, waits otherwise. A file that is in already changes nothing. */
export function admit(dataset: string, state: IntakeState, file: FileRef): IntakeStep {
  const known = [...(state.running?.files ?? []), ...state.waiting].some(({ id }) => id === file.id);
  if (known) return { state, batch: null };
  const waiting = [...state.waiting, file];
  return state.running === null ? next(dataset, { ...state, waiting }) : { state: { ...state, waiting }, batch: null };
}

/** Ends the running batch and gives the next one, if files wait. Ending a batch that is not running changes nothing. */
export function finish(dataset: string, state: IntakeState, id: string): IntakeStep {
  if (state.running?.id !== id) return { state, batch: null };
  return next(dataset, { ...state, running: null });
}

function next(dataset: string, state: IntakeState): IntakeStep {
  const files = state.waiting.slice(0, FILES_PER_BATCH);
  if (files.length === 0) return { state, batch: null };
  const number = state.lastNumber + 1;
  const batch = { id: batchId(dataset, number), dataset, number, files };
  return { state: { running: batch, waiting: state.waiting.slice(FILES_PER_BATCH), lastNumber: number }, batch };
}

/**
 * Group commit: one intake a dataset. A lone file waits for nothing, ten thousand become a few batches, and two
 * batches never write the same tables at once. Operations: `admit` (a file), `finish` (a batch's id).
 */
export function intake(context: EntityContext<IntakeState>): void {
  const state = context.df.getState(() => EMPTY_INTAKE) ?? EMPTY_INTAKE;
  const { entityKey: dataset, operationName } = context.df;
  if (operationName !== 'admit' && operationName !== 'finish')
    throw new Error(`intake knows no operation '${operationName}'`);
  const step =
    operationName === 'admit'
      ? admit(dataset, state, context.df.getInput<FileRef>() as FileRef)
      : finish(dataset, state, context.df.getInput<string>() as string);
  context.df.setState(step.state);
  context.df.return(step.batch);
}
