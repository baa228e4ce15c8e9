/**
 * How a clock runs between two comparisons with its reference clock: with a counter of milliseconds, and gently
 * towards what the reference showed.
 */
export interface ClockCourse {
  /** The counter at the last comparison. */
  readonly from: number;
  /** The instant at that moment. */
  readonly at: number;
  /** How far the reference was ahead then; negative when it was behind. At most `STEP_MS` either way. */
  readonly lagMs: number;
}

/** A difference above this is a step: the reference clock was set. Anything smaller is drift. */
export const STEP_MS = 500;
/** Drift is corrected over this time, so that the clock slows down by a twentieth at most and never goes backwards. */
export const CATCH_UP_MS = 10_000;

export function instantOn(course: ClockCourse, counter: number): number {
  const { from, at, lagMs } = course;
  const passed = counter - from;
  return passed < CATCH_UP_MS ? at + passed * paceOf(course) : at + passed + lagMs;
}

/** How many milliseconds go by for one of the counter, for `CATCH_UP_MS` after the last comparison. */
export function paceOf({ lagMs }: ClockCourse): number {
  return 1 + lagMs / CATCH_UP_MS;
}

/**
 * Compares a clock at `counter` with its reference, which showed `shown` at some moment between the instant
 * `earliest` and now; any `shown` between the two is agreement, because the reading may have taken that long to
 * arrive. Answers the course from now on and the step in milliseconds, 0 for drift.
 */
export function compareClocks(
  course: ClockCourse,
  counter: number,
  earliest: number,
  shown: number,
): { readonly course: ClockCourse; readonly step: number } {
  const at = instantOn(course, counter);
  const lagMs = shown < earliest ? shown - earliest : Math.max(0, shown - at);
  if (Math.abs(lagMs) <= STEP_MS) return { course: { from: counter, at, lagMs }, step: 0 };
  return { course: { from: counter, at: at + lagMs, lagMs: 0 }, step: lagMs };
}
