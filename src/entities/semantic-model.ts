import type { EntityContext } from 'durable-functions';
import type { PublicationRef } from '../shared/semantic-model/publication-ref.ts';

/** What one service of the semantic model is being refreshed for, and what waits for the next refresh. */
export interface RefreshState {
  /** The orchestration instance that refreshes; null when none does. */
  readonly driver: string | null;
  readonly refreshing: readonly PublicationRef[];
  readonly waiting: readonly PublicationRef[];
}

export const NO_REFRESH: RefreshState = { driver: null, refreshing: [], waiting: [] };

/** A publication, and the instance that is to refresh for it if none does. */
export interface RefreshRequest {
  readonly publication: PublicationRef;
  readonly driver: string;
}

/** An instance that takes up its refresh; `replaces` names the one that had it and is no more. */
export interface RefreshBeginning {
  readonly driver: string;
  readonly replaces?: string;
}

/** `drives`: the instance that was named must be started. `publications`: what it is to refresh for; null when nothing. */
export interface RefreshAnswer {
  readonly drives: boolean;
  readonly publications: readonly PublicationRef[] | null;
}

export interface RefreshStep {
  readonly state: RefreshState;
  readonly answer: RefreshAnswer;
}

/** Keeps the state small, however long a refresh takes: the refresh counts for older ones too, but they are not told of it. */
const MOST_WAITING = 50;

const NOTHING: RefreshAnswer = { drives: false, publications: null };

/** Takes a publication: the driver that was named refreshes for it when none is at work, else it waits for the next one. */
export function request(state: RefreshState, { publication, driver }: RefreshRequest): RefreshStep {
  if (state.driver === driver) return { state, answer: { drives: true, publications: null } }; // asked again
  if (state.driver === null) {
    return {
      state: { driver, refreshing: [publication], waiting: [] },
      answer: { drives: true, publications: null },
    };
  }
  const others = state.waiting.filter(({ batch }) => batch !== publication.batch);
  return { state: { ...state, waiting: [...others, publication].slice(-MOST_WAITING) }, answer: NOTHING };
}

/** Tells a driver what it refreshes for. One that is not, or no longer, the driver is told nothing. */
export function begin(state: RefreshState, { driver, replaces }: RefreshBeginning): RefreshStep {
  if (state.driver === null || (state.driver !== driver && state.driver !== replaces))
    return { state, answer: NOTHING };
  return { state: { ...state, driver }, answer: { drives: false, publications: state.refreshing } };
}

/** Ends a driver's refresh, well or badly, and gives it what collected meanwhile; it is free when nothing did. */
export function finish(state: RefreshState, driver: string): RefreshStep {
  if (state.driver !== driver) return { state, answer: NOTHING };
  if (state.waiting.length === 0) return { state: NO_REFRESH, answer: NOTHING };
  return {
    state: { driver, refreshing: state.waiting, waiting: [] },
    answer: { drives: false, publications: state.waiting },
  };
}

/** One operation, by its name. @throws Error for a name that it does not know */
export function operateRefresh(state: RefreshState, operation: string | undefined, input: unknown): RefreshStep {
  switch (operation) {
    case 'request':
      return request(state, input as RefreshRequest);
    case 'begin':
      return begin(state, input as RefreshBeginning);
    case 'finish':
      return finish(state, input as string);
    default:
      throw new Error(`semantic-model knows no operation '${operation}'`);
  }
}

/**
 * Group commit for the semantic model: one such entity a service. A publication is refreshed for at once when nothing is
 * refreshed; what is published meanwhile shares the next refresh. Operations: `request`, `begin`, `finish`.
 */
export function semanticModel(context: EntityContext<RefreshState>): void {
  const state = context.df.getState(() => NO_REFRESH) ?? NO_REFRESH;
  const step = operateRefresh(state, context.df.operationName, context.df.getInput<unknown>());
  context.df.setState(step.state);
  context.df.return(step.answer);
}
