import { type Clock, type ClockCourse, compareClocks, instantOn } from "../../domain/index.ts";

export interface TimeSources {
  /** The clock of the machine, in epoch milliseconds. It may be set at any time. Default: `Date.now`. */
  readonly wall: () => number;
  /** Milliseconds since some moment, counted evenly. Default: `performance.now`. */
  readonly monotonic: () => number;
}

const DEFAULTS: TimeSources = { wall: Date.now, monotonic: () => performance.now() };

/** How often it looks at the machine's clock, so that an ordinary call only reads the counter. */
const LOOK_EVERY_MS = 250;

/**
 * The machine's clock, counted on by a monotonic counter. Each look takes in a little of what the two differ
 * by. A difference above half a second means that the machine's clock was set: the clock jumps to it.
 */
export class SystemClock implements Clock {
  readonly #sources: TimeSources;
  readonly #listeners: ((ms: number) => void)[] = [];
  #course: ClockCourse;
  #lookAgainAt: number;

  constructor(sources: Partial<TimeSources> = {}) {
    this.#sources = { ...DEFAULTS, ...sources };
    const from = this.#sources.monotonic();
    this.#course = { from, at: this.#sources.wall(), lagMs: 0 };
    this.#lookAgainAt = from + LOOK_EVERY_MS;
  }

  now(): number {
    const counter = this.#sources.monotonic();
    if (counter < this.#lookAgainAt) return Math.floor(instantOn(this.#course, counter));
    this.#look(counter);
    return Math.floor(instantOn(this.#course, this.#course.from));
  }

  onStep(listener: (ms: number) => void): void {
    this.#listeners.push(listener);
  }

  #look(counter: number): void {
    const earliest = instantOn(this.#course, counter);
    const shown = this.#sources.wall();
    // This process may have stood still in between.
    const after = this.#sources.monotonic();
    const { course, step } = compareClocks(this.#course, after, earliest, shown);
    this.#course = course;
    this.#lookAgainAt = after + LOOK_EVERY_MS;
    if (step === 0) return;
    const ms = Math.round(step);
    for (const listener of this.#listeners) listener(ms);
  }
}
