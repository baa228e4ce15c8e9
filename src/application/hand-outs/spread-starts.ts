import type { Scheduler } from "../../domain/index.ts";

/** Lets so many start, and then something else of this process have its turn. */
export class SpreadStarts {
  readonly #scheduler: Scheduler;
  readonly #most: number;
  #left: number;
  #next: Promise<void> | undefined;

  constructor(scheduler: Scheduler, most: number) {
    this.#scheduler = scheduler;
    this.#most = most;
    this.#left = most;
  }

  /** Resolves when one more may start; then it has. */
  async take(): Promise<void> {
    while (this.#left === 0) {
      this.#next ??= new Promise((resolve) => {
        this.#scheduler.after(0, () => {
          this.#left = this.#most;
          this.#next = undefined;
          resolve();
        });
      });
      await this.#next;
    }
    this.#left -= 1;
  }
}
