import type { Clock } from "../domain/index.ts";

/** This machine's clock, moved so that it agrees with the shared one; never goes backwards. */
export class SharedClock implements Clock {
  readonly #own: Clock;
  #offsetMs = 0;
  #last = 0;

  constructor(own: Clock) {
    this.#own = own;
  }

  now(): number {
    this.#last = Math.max(this.#last, this.#own.now() + this.#offsetMs);
    return this.#last;
  }

  /** Takes note that the shared clock shows `at`. */
  agree(at: number): void {
    this.#offsetMs = at - this.#own.now();
  }
}
