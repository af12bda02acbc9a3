import type { EventOf, HistoryEvent } from './types.ts';

type Turns = readonly (readonly HistoryEvent[])[];
type Failure = EventOf<'activityFailed' | 'childFailed'>;

const isFailure = (event: HistoryEvent): event is Failure =>
  event.type === 'activityFailed' || event.type === 'childFailed';

/** Splits a history into its turns; what stands between two turns belongs to the one before. */
export function splitTurns(history: readonly HistoryEvent[]): HistoryEvent[][] {
  const turns: HistoryEvent[][] = [];
  for (const event of history) {
    const current = turns.at(-1);
    if (current === undefined || event.type === 'turnStarted') {
      turns.push([event]);
    } else {
      current.push(event);
    }
  }
  return turns;
}

/**
 * The turn before which a rewind cuts: that of the first failure which the instance's own failure speaks of, so that
 * failures that the story coped with stay, while what it did on its way down (to clean up, to report) is forgotten. With
 * no such failure the story itself threw, and its last turn is told again.
 */
export function turnToCut(turns: Turns, message: string): number {
  const guilty = turns.findIndex((turn) =>
    turn.some((event) => isFailure(event) && event.reason !== '' && message.includes(event.reason)),
  );
  return guilty >= 0 ? guilty : turns.length - 1;
}

export interface EntityRequests {
  /** The text by which a lock is granted. */
  readonly grant: string;
  /** Whether an entity will still answer this request. */
  readonly isPending: (requestId: string) => boolean;
}

/**
 * The turn before which a rewind cuts when entities are heeded: before every request that would be waited for in vain. An
 * answer that came after the failure is lost, and so is a lock that was held at that time.
 */
export function cutBeforeLostRequests(turns: Turns, cut: number, { grant, isPending }: EntityRequests): number {
  const answers = new Map<string, string | null>();
  for (const event of turns.flat()) {
    if (event.type === 'eventRaised' && event.isResponse === true) {
      answers.set(event.name, event.input);
    }
  }
  for (;;) {
    const released = new Set(turns.slice(0, cut).flatMap((turn) => turn.flatMap(releasedLock)));
    const isLost = (event: HistoryEvent) => {
      if (event.type !== 'eventSent' || event.requestId === undefined) {
        return false;
      }
      const { requestId } = event;
      const answer = answers.get(requestId);
      return answer === undefined ? !isPending(requestId) : answer === grant && !released.has(requestId);
    };
    const lost = turns.findIndex((turn) => turn.some(isLost));
    if (lost < 0 || lost >= cut) {
      return cut;
    }
    cut = lost; // A lock that is released only after this is held there.
  }
}

function releasedLock(event: HistoryEvent): string[] {
  return event.type === 'eventSent' && event.name === 'release'
    ? [String((JSON.parse(event.input) as { id?: unknown }).id)]
    : [];
}
