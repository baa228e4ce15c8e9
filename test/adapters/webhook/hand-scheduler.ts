import type { Scheduler } from "../../../src/domain/index.ts";

interface Timer {
  readonly ms: number;
  readonly run: () => void;
}

/** Lets a test end the waits one by one. */
export class HandScheduler implements Scheduler {
  readonly #timers = new Set<Timer>();
  #wake = () => {};

  after(ms: number, run: () => void): () => void {
    const timer = { ms, run };
    this.#timers.add(timer);
    this.#wake();
    return () => void this.#timers.delete(timer);
  }

  get waits(): readonly number[] {
    return Array.from(this.#timers, ({ ms }) => ms);
  }

  /** Resolves when something waits for so many milliseconds. */
  async waiting(ms: number): Promise<Timer> {
    for (;;) {
      const timer = [...this.#timers].find((one) => one.ms === ms);
      if (timer) return timer;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Waits until something waits for so many milliseconds, and ends that. */
  async pass(ms: number): Promise<void> {
    const timer = await this.waiting(ms);
    this.#timers.delete(timer);
    timer.run();
  }
}
