import type { EntityContext } from 'durable-functions';
import type { Batch } from '../shared/ledger/batch.ts';
import { batchId } from '../shared/names.ts';

/** Who is being processed and who waits, for one dataset. */
export interface IntakeState {
  readonly running: Batch | null;
  /** The orchestration instance that drives the running batch. */
  readonly driver: string | null;
  /** Files may have arrived since the running batch gathered its own. Which, the ledger says. */
  readonly waiting: boolean;
  /** Why all rows are to be scored and published again, by the next batch; null: they are not. */
  readonly refresh: string | null;
  /** Null until it is known which numbers were given before this intake. */
  readonly lastNumber: number | null;
  /** The running batch has ended by its own books, which its driver has yet to tell, and is to be taken up again then. */
  readonly resumption: Pick<Resumption, 'batch' | 'inPlace'> | null;
}

export const EMPTY_INTAKE: IntakeState = {
  running: null,
  driver: null,
  waiting: false,
  refresh: null,
  lastNumber: null,
  resumption: null,
};

/** News that files have arrived, or the wish to refresh: who brings it, and behind which number a new intake begins. */
export interface Arrival {
  readonly refresh?: string;
  readonly driver: string;
  readonly lastNumber?: number;
}

/** A batch that has come to its end. */
export interface Finish {
  readonly batch: string;
  /** It could not take all files that had arrived. */
  readonly more: boolean;
  /** No file had arrived: nothing was done, and the number is free again. */
  readonly unused: boolean;
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

const NOTHING: Answer = { batch: null, asksForNumber: false };

const QUESTION: Answer = { batch: null, asksForNumber: true };

/** Hears of files or of a wish to refresh: starts a batch when none is running, else lets them wait. */
export function admit(dataset: string, state: IntakeState, arrival: Arrival): IntakeStep {
  const { refresh, driver, lastNumber } = arrival;
  const numbered = { ...state, lastNumber: state.lastNumber ?? lastNumber ?? null };
  if (numbered.lastNumber === null) return { state, answer: QUESTION };
  return refresh === undefined
    ? take(dataset, { ...numbered, waiting: true }, driver)
    : take(dataset, { ...numbered, refresh: numbered.refresh ?? refresh }, driver);
}

/**
 * Takes up a batch that ended without being published. When no batch came after it, it goes on as it is, so that jobs
 * that succeeded are not repeated; otherwise silver has moved on, and its files, which have arrived once more, go through
 * a new batch.
 */
export function resume(dataset: string, state: IntakeState, resumption: Resumption): IntakeStep {
  const { batch, inPlace, driver, lastNumber } = resumption;
  const numbered = { ...state, lastNumber: state.lastNumber ?? lastNumber ?? null };
  if (numbered.lastNumber === null) return { state, answer: QUESTION };
  if (state.running?.id === batch.id) {
    const known = (state.running.resumes ?? 0) >= (batch.resumes ?? 0);
    return { state: known ? state : { ...state, resumption: { batch, inPlace } }, answer: NOTHING };
  }
  if (inPlace && state.running === null && numbered.lastNumber === batch.number) {
    return { state: { ...numbered, running: batch, driver }, answer: { batch, asksForNumber: false } };
  }
  const refresh = numbered.refresh ?? batch.refresh ?? null;
  return take(dataset, { ...numbered, refresh, waiting: numbered.waiting || batch.refresh === undefined }, driver);
}

/** Gives the next batch when none is running. */
function take(dataset: string, state: IntakeState, driver: string): IntakeStep {
  return state.running === null ? next(dataset, state, driver) : { state, answer: NOTHING };
}

/**
 * Ends the running batch and gives its driver the next one, if files wait, or the same one, if it was resumed meanwhile.
 * Ending another batch changes nothing.
 */
export function finish(dataset: string, state: IntakeState, { batch, more, unused }: Finish): IntakeStep {
  if (state.running?.id !== batch) return { state, answer: NOTHING };
  const lastNumber = unused ? state.running.number - 1 : state.lastNumber;
  const waiting = state.waiting || more;
  const ended = { ...state, running: null, driver: null, waiting, lastNumber, resumption: null };
  return state.resumption === null || state.driver === null
    ? next(dataset, ended, state.driver)
    : resume(dataset, ended, { ...state.resumption, driver: state.driver });
}

/** Hands the running batch to another driver, since the one before is no more. */
export function takeOver(state: IntakeState, id: string, driver: string): IntakeStep {
  if (state.running?.id !== id) return { state, answer: NOTHING };
  return { state: { ...state, driver }, answer: { batch: state.running, asksForNumber: false } };
}

function next(dataset: string, state: IntakeState, driver: string | null): IntakeStep {
  const { refresh } = state;
  // A refresh goes first: files that never stop coming must not keep it waiting, and it keeps them for one batch only.
  if (refresh === null && !state.waiting) return { state, answer: NOTHING };
  const number = (state.lastNumber ?? 0) + 1;
  const batch: Batch = {
    ...{ id: batchId(dataset, number), dataset, number },
    ...(refresh === null ? {} : { refresh }),
  };
  // A batch of files takes those that the ledger knows when it begins: whoever was heard of until now is among them.
  const waiting = state.waiting && refresh !== null;
  return {
    state: { ...EMPTY_INTAKE, running: batch, driver, waiting, lastNumber: number },
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
      return finish(dataset, state, input as Finish);
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
 * never write the same tables at once. The files themselves wait in the ledger, so that the state does not grow with them.
 * Operations: `admit` (an arrival), `finish`, `resume`, `take-over`.
 */
export function intake(context: EntityContext<IntakeState>): void {
  const state = { ...EMPTY_INTAKE, ...context.df.getState(() => EMPTY_INTAKE) };
  const step = operate(context.df.entityKey, state, context.df.operationName, context.df.getInput<unknown>());
  context.df.setState(step.state);
  context.df.return(step.answer);
}
