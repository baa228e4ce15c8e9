/** Wakes one who waits; rung while nobody does, it wakes the next at once. */
export class Bell {
  #isRung = false;
  #wake = () => {};

  readonly ring = (): void => {
    this.#isRung = true;
    this.#wake();
  };

  /** Resolves when it rings, `ms` have passed or the signal is aborted. */
  async heard(ms: number, over: AbortSignal): Promise<void> {
    if (!this.#isRung && !over.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#wake = () => {
          clearTimeout(timer);
          over.removeEventListener("abort", this.#wake);
          resolve();
        };
        over.addEventListener("abort", this.#wake);
      });
      this.#wake = () => {};
    }
    this.#isRung = false;
  }
}
