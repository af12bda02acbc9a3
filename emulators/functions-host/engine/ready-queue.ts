import type { Cancel, Environment } from './environment.ts';

/** How many pieces of work may follow each other before timers and sockets get their turn. */
const burst = 256;

/**
 * Runs work as soon as the present piece is done, before the commit that is on its way, so that what follows from one
 * another lands in one transaction; yet never so long that commits and sockets starve.
 */
export class ReadyQueue {
  #left = burst;
  #reset: Cancel | undefined;
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  run(work: () => void): void {
    this.#reset ??= this.#environment.soon(() => {
      this.#left = burst;
      this.#reset = undefined;
    });
    if (this.#left > 0) {
      this.#left--;
      queueMicrotask(work);
    } else {
      this.#environment.soon(work);
    }
  }
}
