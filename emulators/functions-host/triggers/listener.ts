import type { RegisteredFunction } from '../core/function-registry.ts';

/** Watches the source of a trigger, and calls its function. */
export interface TriggerListener {
  readonly target: RegisteredFunction;
  start(): void;
  /** Takes nothing more from the source; resolves when it is left in order. What runs still may end until `patience`. */
  stop(patience: Promise<void>): Promise<void>;
  /** Calls the function by hand, with what the admin API was given as its input. */
  run(input: string | null): Promise<unknown>;
  /** Takes up what events of Event Grid announce; only of a listener whose source is Event Grid. */
  readonly accept?: ((events: readonly unknown[]) => void) | undefined;
}

/** Tells the triggers of this host what its own outputs wrote, so that nothing waits for the next look. */
export class WriteNotices {
  readonly #listeners = new Map<string, Set<() => void>>();

  subscribe(kind: 'queue' | 'blob', name: string, listener: () => void): void {
    const key = `${kind}:${name}`;
    this.#listeners.set(key, (this.#listeners.get(key) ?? new Set()).add(listener));
  }

  notify(kind: 'queue' | 'blob', name: string): void {
    for (const listener of this.#listeners.get(`${kind}:${name}`) ?? []) {
      listener();
    }
  }
}
