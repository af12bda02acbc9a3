import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import type { Change, Changes } from './changes.ts';

/** How often changes are asked for: while there are some, and once there were none for a while. */
export interface HubPace {
  readonly busyMilliseconds: number;
  readonly idleMilliseconds: number;
  readonly idleAfterMilliseconds: number;
}

const PACE: HubPace = { busyMilliseconds: 700, idleMilliseconds: 2_000, idleAfterMilliseconds: 30_000 };

/** One reader of changes for everyone who listens in this process; nobody listening costs nothing. */
export interface ChangeHub {
  /** Calls `listener` with every change from about now on. @returns a function that ends it */
  listen(listener: (changes: readonly Change[]) => void): () => void;
  /** What was written at or after a second. */
  since(second: number): Promise<readonly Change[]>;
}

/** The clocks of the app and of Cosmos DB may differ by this much. */
const CLOCK_SECONDS = 5;

export function createChangeHub(changes: Changes, pace: HubPace = PACE): ChangeHub {
  const listeners = new Set<(changes: readonly Change[]) => void>();
  let running = false;

  const run = async (): Promise<void> => {
    const reader = changes.reader(Math.floor(Date.now() / 1000) - CLOCK_SECONDS);
    let lastChange = Date.now();
    while (listeners.size > 0) {
      try {
        const found = await reader.next();
        if (found.length > 0) {
          lastChange = Date.now();
          for (const listener of listeners) listener(found);
        }
      } catch (error) {
        console.warn(`Changes could not be read, and will be asked for again: ${messageOf(error)}`);
      }
      const idle = Date.now() - lastChange > pace.idleAfterMilliseconds;
      await sleep(idle ? pace.idleMilliseconds : pace.busyMilliseconds, undefined, { ref: false });
    }
    running = false;
  };

  return {
    since: (second) => changes.since(second),
    listen(listener) {
      listeners.add(listener);
      if (!running) {
        running = true;
        void run();
      }
      return () => listeners.delete(listener);
    },
  };
}
