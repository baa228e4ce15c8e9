import { type Clock, type ClockCourse, compareClocks, instantOn } from "../../domain/index.ts";

/**
 * The clock of the shared store, as far as this process knows it from the store's answers; between them it is
 * counted on by this process' own clock. Before the first answer it is that one.
 */
export class SharedClock implements Clock {
  readonly #own: Clock;
  readonly #listeners: ((ms: number) => void)[] = [];
  #course: ClockCourse;
  #hasAgreed = false;
  #steps = 0;

  constructor(own: Clock) {
    this.#own = own;
    const now = own.now();
    this.#course = { from: now, at: now, lagMs: 0 };
    own.onStep?.((ms) => this.#followOwn(ms));
  }

  now(): number {
    // Before the course is read, because the own clock may step now.
    const counter = this.#own.now();
    return Math.floor(instantOn(this.#course, counter));
  }

  /**
   * Is called when a question goes out to the shared store; what it answers is called with the instant of the
   * answer, when that has come. The shared clock showed it somewhere in between. If that cannot be, the shared
   * clock was set, and this one jumps along.
   */
  ask(): (at: number) => void {
    const askedAt = this.now();
    const steps = this.#steps;
    return (at) => {
      // What was asked before a step can be compared with nothing after it.
      if (steps === this.#steps) this.#compare(askedAt, at);
    };
  }

  onStep(listener: (ms: number) => void): void {
    this.#listeners.push(listener);
  }

  #compare(askedAt: number, at: number): void {
    const counter = this.#own.now();
    this.#hasAgreed = true;
    const isInBetween = askedAt <= at && at <= instantOn(this.#course, counter);
    if (isInBetween && this.#course.lagMs === 0) return;
    const { course, step } = compareClocks(this.#course, counter, askedAt, at);
    this.#course = course;
    if (step !== 0) this.#notify(Math.round(step));
  }

  /** That this machine's clock was set says nothing about the shared one. */
  #followOwn(ms: number): void {
    const { from, at, lagMs } = this.#course;
    if (this.#hasAgreed) {
      this.#course = { from: from + ms, at, lagMs };
      this.#steps++;
      return;
    }
    this.#course = { from: from + ms, at: at + ms, lagMs };
    this.#notify(ms);
  }

  #notify(ms: number): void {
    this.#steps++;
    for (const listener of this.#listeners) listener(ms);
  }
}
