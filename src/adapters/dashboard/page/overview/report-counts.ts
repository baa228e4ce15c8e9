import type { Bar, ReportClass } from "../parts/bars.ts";

export const MINUTES = 15;
const MINUTE_MS = 60_000;

export interface Reported {
  readonly at: string;
  readonly code: number;
}

export function classOf(code: number): ReportClass {
  if (code >= 200 && code < 300) return "ok";
  if (code === 429) return "throttled";
  return code >= 400 && code < 500 ? "refused" : "failed";
}

/** The last minutes up to `now`, the oldest first, and how many of these reports were in each. */
export function countMinutes(reports: readonly Reported[], now: number): readonly Bar[] {
  const last = Math.floor(now / MINUTE_MS);
  const minutes = Array.from({ length: MINUTES }, (_, index) => ({
    at: (last - MINUTES + 1 + index) * MINUTE_MS,
    ...{ ok: 0, throttled: 0, refused: 0, failed: 0 },
  }));
  for (const { at, code } of reports) {
    const minute = minutes[Math.floor(Date.parse(at) / MINUTE_MS) - last + MINUTES - 1];
    if (minute) minute[classOf(code)] += 1;
  }
  return minutes;
}
