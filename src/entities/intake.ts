import type { EntityContext } from 'durable-functions';
import type { Batch, FileRef } from '../shared/ledger/batch.ts';
import { batchId } from '../shared/names.ts';

/** Who is being processed and who waits, for one dataset. */
export interface IntakeState {
  readonly running: Batch | null;
  /** The orchestration instance that drives the running batch. */
  readonly driver: string | null;
  readonly waiting: readonly FileRef[];
  /** Null until it is known which numbers were given before this intake. */
  readonly lastNumber: number | null;
}

export const EMPTY_INTAKE: IntakeState = { running: null, driver: null, waiting: [], lastNumber: null };

/** A file at the door: who brings it, and behind which number a new intake begins. */
export interface Arrival {
  readonly file: FileRef;
  readonly driver: string;
  readonly lastNumber?: number;
}

/** What the intake says: a batch to drive, nothing to do, or a question that must be answered first. */
export interface Answer {
  readonly batch: Batch | null;
  readonly asksForNumber: boolean;
}

export interface IntakeStep {
  readonly state: IntakeState;
  readonly answer: Answer;
}

/** Keeps what an orchestration carries well below what slows Durable Functions down (16 KB). */
const FILES_PER_BATCH = 60;

const NOTHING: Answer = { batch: null, asksForNumber: false };

/** Admits a file: it starts a batch when none is running, waits otherwise. A file that is in already changes nothing. */
export function admit(dataset: string, state: IntakeState, { file, driver, lastNumber }: Arrival): IntakeStep {
  const numbered = { ...state, lastNumber: state.lastNumber ?? lastNumber ?? null };
  if (numbered.lastNumber === null) return { state, answer: { batch: null, asksForNumber: true } };
  const known = [...(state.running?.files ?? []), ...state.waiting].some(({ id }) => id === file.id);
  if (known) return { state: numbered, answer: NOTHING };
  const waiting = [...state.waiting, file];
  return state.running === null
    ? next(dataset, { ...numbered, waiting }, driver)
    : { state: { ...numbered, waiting }, answer: NOTHING };
}

/** Ends the running batch and gives its driver the next one, if files wait. Ending another batch changes nothing. */
export function finish(dataset: string, state: IntakeState, id: string): IntakeStep {
  if (state.running?.id !== id) return { state, answer: NOTHING };
  return next(dataset, { ...state, running: null, driver: null }, state.driver);
}

/** Hands the running batch to another driver, since the one before is no more. */
export function takeOver(state: IntakeState, id: string, driver: string): IntakeStep {
  if (state.running?.id !== id) return { state, answer: NOTHING };
  return { state: { ...state, driver }, answer: { batch: state.running, asksForNumber: false } };
}

function next(dataset: string, state: IntakeState, driver: string | null): IntakeStep {
  const files = state.waiting.slice(0, FILES_PER_BATCH);
  if (files.length === 0) return { state, answer: NOTHING };
  const number = (state.lastNumber ?? 0) + 1;
  const batch = { id: batchId(dataset, number), dataset, number, files };
  return {
    state: { running: batch, driver, waiting: state.waiting.slice(FILES_PER_BATCH), lastNumber: number },
    answer: { batch, asksForNumber: false },
  };
}

/** One operation on an intake, by its name. @throws Error for a name that it does not know */
export function operate(
  dataset: string,
  state: IntakeState,
  operation: string | undefined,
  input: unknown,
): IntakeStep {
  switch (operation) {
    case 'admit':
      return admit(dataset, state, input as Arrival);
    case 'finish':
      return finish(dataset, state, input as string);
    case 'take-over': {
      const { batch, driver } = input as { readonly batch: string; readonly driver: string };
      return takeOver(state, batch, driver);
    }
    default:
      throw new Error(`intake knows no operation '${operation}'`);
  }
}

/**
 * Group commit: one intake a dataset. A lone file waits for nothing, ten thousand become few batches, and two batches
 * never write the same tables at once. Operations: `admit` (an arrival), `finish` (a batch's id), `take-over`.
 */
export function intake(context: EntityContext<IntakeState>): void {
  const state = context.df.getState(() => EMPTY_INTAKE) ?? EMPTY_INTAKE;
  const step = operate(context.df.entityKey, state, context.df.operationName, context.df.getInput<unknown>());
  context.df.setState(step.state);
  context.df.return(step.answer);
}
