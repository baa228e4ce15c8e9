import type { Scheduler } from "../../domain/index.ts";

/** The timers of the process. */
export const TIMER_SCHEDULER: Scheduler = {
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
