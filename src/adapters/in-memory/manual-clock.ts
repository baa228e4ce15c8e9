import type { Clock } from "../../domain/index.ts";

/** A clock that a test moves. */
export class ManualClock implements Clock {
  readonly #listeners: ((ms: number) => void)[] = [];
  #now: number;

  constructor(startAt = Date.UTC(2026, 0, 1)) {
    this.#now = startAt;
  }

  now(): number {
    return this.#now;
  }

  /** Lets time pass. */
  advance(ms: number): void {
    this.#now += Math.max(0, ms);
  }

  /** Sets the clock, as the clock of a machine is set: a step. */
  set(instant: number): void {
    const ms = instant - this.#now;
    this.#now = instant;
    if (ms === 0) return;
    for (const listener of this.#listeners) listener(ms);
  }

  onStep(listener: (ms: number) => void): void {
    this.#listeners.push(listener);
  }
}
