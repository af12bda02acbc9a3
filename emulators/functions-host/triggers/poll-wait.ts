/** A wait that can be cut short: between two looks at a source that says nothing by itself. */
export class PollWait {
  #wake: (() => void) | undefined;
  #woken = false;

  /** Waits so long, or until `wake`; not at all when `wake` came since the last wait. */
  async wait(milliseconds: number): Promise<void> {
    if (!this.#woken) {
      await new Promise<void>((resolve) => {
        const timeout = setTimeout(resolve, milliseconds);
        this.#wake = () => {
          clearTimeout(timeout);
          resolve();
        };
      });
      this.#wake = undefined;
    }
    this.#woken = false;
  }

  wake(): void {
    this.#woken = true;
    this.#wake?.();
  }
}
