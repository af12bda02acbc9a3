import type { Cancel, Environment } from '../../../../emulators/functions-host/engine/environment.ts';
import type { Random } from '../protocol-v3/random.ts';

interface Wait {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

export interface VirtualTimeOptions {
  /** Decides what goes first of what is ready at once; in order unless it is given. */
  readonly choose?: Random;
  readonly startAt?: number;
  /** Ids of different generations differ. */
  readonly generation?: number;
}

/**
 * Time that passes only when nothing is left to do at the present moment, and in which everything has its order: the
 * same callers with the same choices live through the same story.
 */
export class VirtualTime {
  #now: number;
  #order = 0;
  #ids = 0;
  readonly #waits: Wait[] = [];
  readonly #soon: (() => void)[] = [];
  readonly #choose: Random;
  readonly #idPrefix: string;

  constructor(options: VirtualTimeOptions = {}) {
    this.#choose = options.choose ?? (() => 0);
    this.#now = options.startAt ?? Date.UTC(2026, 0, 1);
    this.#idPrefix = (options.generation ?? 0).toString(16).padStart(8, '0');
  }

  get now(): number {
    return this.#now;
  }

  uuid(): string {
    return `${this.#idPrefix}-0000-4000-8000-${(++this.#ids).toString(16).padStart(12, '0')}`;
  }

  after(delayMs: number, callback: () => void): Cancel {
    const wait = { at: this.#now + Math.max(Math.ceil(delayMs), 0), order: this.#order++, callback };
    const later = this.#waits.findIndex(({ at }) => at > wait.at);
    this.#waits.splice(later < 0 ? this.#waits.length : later, 0, wait);
    return () => remove(this.#waits, wait);
  }

  soon(callback: () => void): Cancel {
    this.#soon.push(callback);
    return () => remove(this.#soon, callback);
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve));
  }

  /** Does the next thing and all that follows from it at once; false when nothing is left. */
  async step(): Promise<boolean> {
    const callback = this.#next();
    if (callback === undefined) {
      return false;
    }
    callback();
    await settled();
    return true;
  }

  #next(): (() => void) | undefined {
    const first = this.#waits[0];
    const isDue = first !== undefined && first.at <= this.#now;
    if (this.#soon.length > 0 && !(isDue && this.#choose(3) === 0)) {
      return this.#soon.shift();
    }
    if (first !== undefined) {
      this.#waits.shift();
      this.#now = Math.max(this.#now, first.at);
    }
    return first?.callback;
  }
}

/** Resolves when no promise is left that could go on by itself. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function remove<T>(list: T[], item: T): void {
  const index = list.indexOf(item);
  if (index >= 0) {
    list.splice(index, 1);
  }
}

/** What a process sees of the time: once it is dead, nothing calls it back. */
export function environmentOf(time: VirtualTime, isAlive: () => boolean): Environment {
  const guarded = (callback: () => void) => () => {
    if (isAlive()) {
      callback();
    }
  };
  return {
    now: () => time.now,
    after: (delayMs, callback) => time.after(delayMs, guarded(callback)),
    soon: (callback) => time.soon(guarded(callback)),
    uuid: () => time.uuid(),
  };
}
