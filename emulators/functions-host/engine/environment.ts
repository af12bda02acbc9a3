import { randomUUID } from 'node:crypto';

/** Ends a wait that is not over. */
export type Cancel = () => void;

/** All that the engine takes from the world besides its database: the time, turns of the event loop, and chance. */
export interface Environment {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back after that many milliseconds, at most 2³¹ − 1. */
  after(delayMs: number, callback: () => void): Cancel;
  /** Calls back after what is ready now, and after input and output have had their turn. */
  soon(callback: () => void): Cancel;
  uuid(): string;
}

export const systemEnvironment: Environment = {
  now: () => Date.now(),
  after(delayMs, callback) {
    const timeout = setTimeout(callback, delayMs);
    return () => clearTimeout(timeout);
  },
  soon(callback) {
    const immediate = setImmediate(callback);
    return () => clearImmediate(immediate);
  },
  uuid: () => randomUUID(),
};
