/** What reported codes are told apart by; each has its colour. */
export const REPORT_CLASSES = ["ok", "throttled", "refused", "failed"] as const;
export type ReportClass = (typeof REPORT_CLASSES)[number];

export interface Bar extends Readonly<Record<ReportClass, number>> {
  /** When its time began, epoch milliseconds. */
  readonly at: number;
}

export function sumOf(bar: Bar): number {
  return REPORT_CLASSES.reduce((sum, one) => sum + bar[one], 0);
}
