import type { Clock } from "../../domain/index.ts";

/** The machine's wall clock, held still while the wall clock is set back. */
export class SystemClock implements Clock {
  #last = 0;

  now(): number {
    const wall = Date.now();
    if (wall > this.#last) this.#last = wall;
    return this.#last;
  }
}
