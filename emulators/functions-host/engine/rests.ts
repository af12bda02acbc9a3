import type { Environment } from './environment.ts';
import type { Instance } from './records.ts';

/** A clock that is set forward during a turn must not put an instance to sleep. */
const longestMs = 1000;

/**
 * Lets answers gather. A turn replays all of the history, so that a turn for every answer of a fan-out takes time by the
 * square of its width. So an instance rests after a turn for as long as the turn took, while more answers are to come and
 * nothing else is: at most half of its time goes to replays, and nothing waits longer than a replay takes.
 */
export class Rests {
  readonly #environment: Environment;
  readonly #wake: (instance: Instance) => void;

  /** `wake` is called when a rest that somebody asked about is over. */
  constructor(environment: Environment, wake: (instance: Instance) => void) {
    this.#environment = environment;
    this.#wake = wake;
  }

  /** After a turn that began at that time. */
  begin(instance: Instance, turnStartedAt: number): void {
    const now = this.#environment.now();
    instance.restsUntil = now + Math.min(now - turnStartedAt, longestMs);
  }

  /** Whether the instance still rests; then it is woken later. */
  lasts(instance: Instance): boolean {
    const left = instance.restsUntil - this.#environment.now();
    const lasts = left > 0 && !instance.urgent && instance.openTasks.size > 0;
    if (lasts) {
      instance.wakeUp ??= this.#environment.after(left, () => {
        instance.wakeUp = undefined;
        this.#wake(instance);
      });
    } else {
      instance.wakeUp?.();
      instance.wakeUp = undefined;
    }
    return lasts;
  }
}
