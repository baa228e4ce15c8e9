/** Lets a fixed number in at a time; the others wait in the order in which they came. */
export class Places {
  readonly #waiting = new Set<() => void>();
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  /** Waits for a place and answers how to give it back. Rejects with the signal's reason once that is aborted. */
  take(signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const leave = () => {
        this.#waiting.delete(enter);
        reject(signal.reason);
      };
      const enter = () => {
        signal.removeEventListener("abort", leave);
        resolve(this.#placeOnce());
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.add(enter);
      this.#admit();
    });
  }

  #placeOnce(): () => void {
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      this.#free += 1;
      this.#admit();
    };
  }

  #admit(): void {
    for (const enter of this.#waiting) {
      if (this.#free === 0) return;
      this.#waiting.delete(enter);
      this.#free -= 1;
      enter();
    }
  }
}
