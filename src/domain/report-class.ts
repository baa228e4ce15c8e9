import type { LogAction } from "./log-entry.ts";

/** What reported codes are counted by. */
export const REPORT_CLASSES = ["2xx", "401", "403", "404", "429", "other"] as const;

export type ReportClass = (typeof REPORT_CLASSES)[number];

/** The acts that a code leads to. With a code they are reports; without one somebody did them. */
export const REPORT_ACTIONS = [
  "set_status",
  "disable_key",
  "cooldown_start",
] as const satisfies readonly LogAction[];

export function reportClassOf(statusCode: number): ReportClass {
  if (statusCode >= 200 && statusCode < 300) return "2xx";
  return REPORT_CLASSES.find((one) => one === String(statusCode)) ?? "other";
}

export function isReport({ action }: { readonly action: LogAction }): boolean {
  return (REPORT_ACTIONS as readonly LogAction[]).includes(action);
}
