import type { ReadyQueue } from './ready-queue.ts';

/** Starts pieces of work in their order, so many at a time at most. */
export class WorkLimit {
  readonly #ready: ReadyQueue;
  readonly #limit: number;
  readonly #onError: (error: unknown) => void;
  #running = 0;
  #waiting: (() => Promise<void>)[] = [];
  #head = 0;

  constructor(ready: ReadyQueue, limit: number, onError: (error: unknown) => void) {
    this.#ready = ready;
    this.#limit = limit;
    this.#onError = onError;
  }

  run(work: () => Promise<void>): void {
    if (this.#running < this.#limit) {
      this.#running++;
      this.#ready.run(() => void this.#go(work));
    } else {
      this.#waiting.push(work);
    }
  }

  async #go(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#onError(error);
    }
    this.#running--;
    const next = this.#waiting[this.#head];
    if (next === undefined) {
      this.#waiting = [];
      this.#head = 0;
    } else {
      this.#head++;
      this.run(next);
    }
  }
}
