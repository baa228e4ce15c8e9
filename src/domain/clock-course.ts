/**
 * How a clock goes on from one comparison with the clock it goes by to the next: along a counter of
 * milliseconds, and gently towards what the other one showed.
 */
export interface ClockCourse {
  /** The counter at the last comparison. */
  readonly from: number;
  /** The instant at that moment. */
  readonly at: number;
  /** How far the other clock was ahead then; negative when it was behind. At most `STEP_MS` either way. */
  readonly lag: number;
}

/** A difference above this is a step: the other clock was set. Anything smaller is drift. */
export const STEP_MS = 500;
/** Drift is taken in over this time, so that the clock slows down by a twentieth at most and never goes backwards. */
const CATCH_UP_MS = 10_000;

export function instantOn({ from, at, lag }: ClockCourse, counter: number): number {
  const passed = counter - from;
  return at + passed + lag * Math.min(1, passed / CATCH_UP_MS);
}

/**
 * Compares a clock at `counter` with the clock it goes by, which showed `shown` at some moment between the
 * instant `earliest` and now. However late that is learned, a clock that agrees shows an instant from between.
 * Answers the course from now on, and how far the clock jumps with it: 0 for drift.
 */
export function compareClocks(
  course: ClockCourse,
  counter: number,
  earliest: number,
  shown: number,
): { readonly course: ClockCourse; readonly step: number } {
  const at = instantOn(course, counter);
  const lag = shown < earliest ? shown - earliest : Math.max(0, shown - at);
  if (Math.abs(lag) <= STEP_MS) return { course: { from: counter, at, lag }, step: 0 };
  return { course: { from: counter, at: at + lag, lag: 0 }, step: lag };
}
