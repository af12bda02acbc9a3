/** How many pieces of work may follow each other before timers and sockets get their turn. */
const burst = 256;

/**
 * Runs work as soon as the present piece is done, before the commit that is on its way, so that what follows from one
 * another lands in one transaction; yet never so long that commits and sockets starve.
 */
export class ReadyQueue {
  #left = burst;
  #reset: NodeJS.Immediate | undefined;

  run(work: () => void): void {
    this.#reset ??= setImmediate(() => {
      this.#left = burst;
      this.#reset = undefined;
    });
    if (this.#left > 0) {
      this.#left--;
      queueMicrotask(work);
    } else {
      setImmediate(work);
    }
  }
}
