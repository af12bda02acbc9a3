import { setImmediate as answered } from 'node:timers/promises';

/**
 * Lets callers that ask for the same thing at the same time share reads, without anybody being given what was read before
 * he asked: who comes while a read is under way waits for the next one, which all who came meanwhile share. So a reader
 * sees what he would have seen alone, and however many ask, one read a key is under way.
 */
export function shareReads<T>(read: (key: string) => Promise<T>): (key: string) => Promise<T> {
  interface Turn {
    readonly running: Promise<T>;
    next?: Promise<T>;
  }
  const turns = new Map<string, Turn>();

  function begin(key: string): Promise<T> {
    const turn: Turn = { running: read(key) };
    turns.set(key, turn);
    const end = (): void => {
      if (turn.next === undefined) turns.delete(key);
    };
    turn.running.then(end, end);
    return turn.running;
  }

  return (key) => {
    const turn = turns.get(key);
    if (turn === undefined) return begin(key);
    // Who has come by now is answered first, and who comes meanwhile shares the next read too.
    const again = async (): Promise<T> => {
      await answered();
      return begin(key);
    };
    turn.next ??= turn.running.then(again, again);
    return turn.next;
  };
}
