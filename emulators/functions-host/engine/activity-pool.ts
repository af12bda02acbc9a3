import type { ActivityRow } from './records.ts';
import type { ActivityOutcome, DurableProtocol } from './types.ts';

/** Runs activities, so many at a time, in the order in which they were scheduled. */
export class ActivityPool {
  readonly #protocol: DurableProtocol;
  readonly #limit: number;
  readonly #done: (activity: ActivityRow, outcome: ActivityOutcome) => void;
  #waiting: ActivityRow[] = [];
  #head = 0;
  #running = 0;
  #paused = false;
  #closed = false;

  constructor(
    protocol: DurableProtocol,
    limit: number,
    done: (activity: ActivityRow, outcome: ActivityOutcome) => void,
  ) {
    this.#protocol = protocol;
    this.#limit = limit;
    this.#done = done;
  }

  get running(): number {
    return this.#running;
  }

  add(activity: ActivityRow): void {
    this.#waiting.push(activity);
    this.#pump();
  }

  /** Starts no more, and still takes the results of those that run. */
  pause(): void {
    this.#paused = true;
  }

  /** Starts no more. Results that come after this are dropped: those activities run again at the next start. */
  close(): void {
    this.#paused = true;
    this.#closed = true;
  }

  #pump(): void {
    while (this.#running < this.#limit && !this.#paused) {
      const next = this.#waiting[this.#head];
      if (next === undefined) {
        this.#waiting = [];
        this.#head = 0;
        return;
      }
      this.#head++;
      this.#running++;
      void this.#run(next);
    }
  }

  async #run(activity: ActivityRow): Promise<void> {
    const outcome = await this.#protocol.runActivity(activity);
    this.#running--;
    if (!this.#closed) {
      this.#done(activity, outcome);
      this.#pump();
    }
  }
}
