import type { Cancel, Environment } from './environment.ts';
import type { TimerRow } from './records.ts';

/** Node's timers count milliseconds in 32 bits; longer waits come in pieces. */
const longestWait = 2 ** 31 - 1;

/** Durable timers in the order in which they fire: a binary heap and one timer of Node. */
export class TimerQueue {
  readonly #heap: TimerRow[] = [];
  readonly #environment: Environment;
  readonly #fire: (timer: TimerRow) => void;
  #cancelWait: Cancel | undefined;
  #closed = false;

  /** `fire` is called once for each, never before its time; it checks for itself whether the timer still counts. */
  constructor(environment: Environment, fire: (timer: TimerRow) => void) {
    this.#environment = environment;
    this.#fire = fire;
  }

  add(timer: TimerRow): void {
    let index = this.#heap.push(timer) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.#at(parent) <= this.#at(index)) {
        break;
      }
      this.#swap(parent, index);
      index = parent;
    }
    if (index === 0) {
      this.#arm();
    }
  }

  close(): void {
    this.#closed = true;
    this.#cancelWait?.();
  }

  #at(index: number): number {
    return this.#heap[index]?.fireAt ?? Number.POSITIVE_INFINITY;
  }

  #swap(a: number, b: number): void {
    const [x, y] = [this.#heap[a], this.#heap[b]];
    if (x !== undefined && y !== undefined) {
      this.#heap[a] = y;
      this.#heap[b] = x;
    }
  }

  #pop(): TimerRow | undefined {
    this.#swap(0, this.#heap.length - 1);
    const first = this.#heap.pop();
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const smaller = this.#at(left + 1) < this.#at(left) ? left + 1 : left;
      if (this.#at(smaller) >= this.#at(index)) {
        return first;
      }
      this.#swap(smaller, index);
      index = smaller;
    }
  }

  #arm(): void {
    this.#cancelWait?.();
    if (this.#heap.length > 0 && !this.#closed) {
      const wait = Math.min(Math.max(this.#at(0) - this.#environment.now(), 0), longestWait);
      this.#cancelWait = this.#environment.after(wait, () => this.#due());
    }
  }

  #due(): void {
    while (this.#at(0) <= this.#environment.now()) {
      const timer = this.#pop();
      if (timer !== undefined) {
        this.#fire(timer);
      }
    }
    this.#arm();
  }
}
