/** Adds up the time between its starts and stops, on a monotonic clock that a change of the time of day leaves alone. */
export class Stopwatch {
  readonly #now: () => number;
  #startedAt: number | undefined;
  #sumMs = 0;

  /** `now` counts milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  start(): void {
    this.#startedAt ??= this.#now();
  }

  stop(): void {
    this.#sumMs = this.seconds * 1000;
    this.#startedAt = undefined;
  }

  /** Those that are running included. */
  get seconds(): number {
    const runningMs = this.#startedAt === undefined ? 0 : this.#now() - this.#startedAt;
    return (this.#sumMs + runningMs) / 1000;
  }
}
