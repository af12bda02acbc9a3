import type { EntityContext } from 'durable-functions';
import type { Batch, FileRef } from '../shared/ledger/batch.ts';
import { batchId } from '../shared/names.ts';
import { traceOf } from '../shared/telemetry/span-place.ts';

/** Who is being processed and who waits, for one dataset. */
export interface IntakeState {
  readonly running: Batch | null;
  /** The orchestration instance that drives the running batch. */
  readonly driver: string | null;
  readonly waiting: readonly FileRef[];
  /** Why all rows are to be scored and published again, by the next batch; null: they are not. */
  readonly refresh: string | null;
  /** Null until it is known which numbers were given before this intake. */
  readonly lastNumber: number | null;
}

export const EMPTY_INTAKE: IntakeState = { running: null, driver: null, waiting: [], refresh: null, lastNumber: null };

/** A file, or the wish to refresh, at the door: who brings it, and behind which number a new intake begins. */
export interface Arrival {
  readonly file?: FileRef;
  readonly refresh?: string;
  readonly driver: string;
  readonly lastNumber?: number;
}

/** A batch that has ended and is to be taken up again: as it is where `inPlace` allows it, else its files anew. */
export interface Resumption {
  readonly batch: Batch;
  readonly inPlace: boolean;
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

const QUESTION: Answer = { batch: null, asksForNumber: true };

/** Admits a file or a wish to refresh: it starts a batch when none is running, waits otherwise. A file that is in already changes nothing. */
export function admit(dataset: string, state: IntakeState, arrival: Arrival): IntakeStep {
  const { file, refresh, driver, lastNumber } = arrival;
  const numbered = { ...state, lastNumber: state.lastNumber ?? lastNumber ?? null };
  if (numbered.lastNumber === null) return { state, answer: QUESTION };
  const wanting = { ...numbered, refresh: numbered.refresh ?? refresh ?? null };
  return take(dataset, wanting, file === undefined ? [] : [file], driver);
}

/**
 * Takes up a batch that ended without being published. When no batch came after it, it goes on as it is, so that jobs
 * that succeeded are not repeated; otherwise silver has moved on, and its files go through a new batch.
 */
export function resume(dataset: string, state: IntakeState, resumption: Resumption): IntakeStep {
  const { batch, inPlace, driver, lastNumber } = resumption;
  const numbered = { ...state, lastNumber: state.lastNumber ?? lastNumber ?? null };
  if (numbered.lastNumber === null) return { state, answer: QUESTION };
  if (state.running?.id === batch.id) return { state, answer: NOTHING };
  if (inPlace && state.running === null && numbered.lastNumber === batch.number) {
    return { state: { ...numbered, running: batch, driver }, answer: { batch, asksForNumber: false } };
  }
  return take(dataset, { ...numbered, refresh: numbered.refresh ?? batch.refresh ?? null }, batch.files, driver);
}

/** Lets files wait, and gives the next batch when none is running. */
function take(dataset: string, state: IntakeState, files: readonly FileRef[], driver: string): IntakeStep {
  const known = new Set([...(state.running?.files ?? []), ...state.waiting].map(({ id }) => id));
  const waiting = [...state.waiting, ...files.filter(({ id }) => !known.has(id))];
  return state.running === null
    ? next(dataset, { ...state, waiting }, driver)
    : { state: { ...state, waiting }, answer: NOTHING };
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
  const { refresh } = state;
  // A refresh goes first: files that never stop coming must not keep it waiting, and it keeps them for one batch only.
  const files = refresh === null ? state.waiting.slice(0, FILES_PER_BATCH) : [];
  if (refresh === null && files.length === 0) return { state, answer: NOTHING };
  const number = (state.lastNumber ?? 0) + 1;
  const batch: Batch = {
    ...{ id: batchId(dataset, number), dataset, number, files },
    ...traceOf(files),
    ...(refresh === null ? {} : { refresh }),
  };
  const waiting = state.waiting.slice(files.length);
  return {
    state: { running: batch, driver, waiting, refresh: null, lastNumber: number },
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
    case 'resume':
      return resume(dataset, state, input as Resumption);
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
 * never write the same tables at once. Operations: `admit` (an arrival), `finish` (a batch's id), `resume`, `take-over`.
 */
export function intake(context: EntityContext<IntakeState>): void {
  const state = { ...EMPTY_INTAKE, ...context.df.getState(() => EMPTY_INTAKE) };
  const step = operate(context.df.entityKey, state, context.df.operationName, context.df.getInput<unknown>());
  context.df.setState(step.state);
  context.df.return(step.answer);
}
