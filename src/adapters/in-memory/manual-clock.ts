import type { Clock } from "../../domain/index.ts";

/** A clock that moves only when it is told to, for tests. */
export class ManualClock implements Clock {
  #now: number;

  constructor(startAt = Date.UTC(2026, 0, 1)) {
    this.#now = startAt;
  }

  now(): number {
    return this.#now;
  }

  advance(ms: number): void {
    this.#now += Math.max(0, ms);
  }
}
