import { type Clock, type ClockCourse, compareClocks, instantOn, paceOf } from "../../domain/index.ts";

export interface TimeSources {
  /** The clock of the machine, in epoch milliseconds. It may be set at any time. Default: `Date.now`. */
  readonly wall: () => number;
  /** Milliseconds since some moment, counted evenly. Default: `performance.now`. */
  readonly monotonic: () => number;
}

const DEFAULTS: TimeSources = { wall: Date.now, monotonic: performance.now.bind(performance) };

/** How often the machine's clock is read, far more often than `CATCH_UP_MS`; calls in between only read the counter. */
const LOOK_EVERY_MS = 250;

/**
 * The machine's clock, driven by a monotonic counter between readings. A small difference is corrected gradually.
 * One above half a second means that the machine's clock was set: this clock jumps to it.
 */
export class SystemClock implements Clock {
  readonly #sources: TimeSources;
  readonly #listeners: ((ms: number) => void)[] = [];
  #course: ClockCourse;
  /** `instantOn` the course, put out here because this is the busiest function there is. */
  #from: number;
  #at: number;
  #pace: number;
  #lookAgainAt: number;

  constructor(sources: Partial<TimeSources> = {}) {
    this.#sources = { ...DEFAULTS, ...sources };
    const from = this.#sources.monotonic();
    this.#course = { from, at: this.#sources.wall(), lagMs: 0 };
    this.#from = from;
    this.#at = this.#course.at;
    this.#pace = paceOf(this.#course);
    this.#lookAgainAt = from + LOOK_EVERY_MS;
  }

  now(): number {
    const counter = this.#sources.monotonic();
    if (counter < this.#lookAgainAt) return Math.floor(this.#at + (counter - this.#from) * this.#pace);
    this.#look(counter);
    return Math.floor(this.#at);
  }

  onStep(listener: (ms: number) => void): void {
    this.#listeners.push(listener);
  }

  #look(counter: number): void {
    const earliest = instantOn(this.#course, counter);
    const shown = this.#sources.wall();
    // The process may have been suspended between the two readings.
    const after = this.#sources.monotonic();
    const { course, step } = compareClocks(this.#course, after, earliest, shown);
    this.#course = course;
    this.#from = course.from;
    this.#at = course.at;
    this.#pace = paceOf(course);
    this.#lookAgainAt = after + LOOK_EVERY_MS;
    if (step === 0) return;
    const ms = Math.round(step);
    for (const listener of this.#listeners) listener(ms);
  }
}
