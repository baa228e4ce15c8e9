import type { ReportClass, ReportCount } from "../../../domain/index.ts";
import { isoTime } from "../server/iso-time.ts";

/** How many codes of each class were reported in a bucket of time, in a region. */
export interface CountedReports extends Readonly<Record<ReportClass, number>> {
  /** When the bucket begins. */
  readonly at: string;
  /** Null where the reports of one key were asked for. */
  readonly region: string | null;
}

/** What was asked for, and its buckets, the oldest first; those without a report are left out. */
export interface ReportHistory {
  readonly from: string;
  readonly to: string;
  readonly bucket_seconds: number;
  readonly counts: readonly CountedReports[];
}

const NONE: Readonly<Record<ReportClass, number>> = {
  ...{ "2xx": 0, "401": 0, "403": 0, "404": 0, "429": 0 },
  other: 0,
};

/** One line for each bucket and region, in the order they come in. */
export function presentCounts(counts: readonly ReportCount[]): readonly CountedReports[] {
  const lines = new Map<string, CountedReports>();
  for (const { at, region, reportClass, total } of counts) {
    const key = `${at} ${region}`;
    const line = lines.get(key) ?? { at: isoTime(at), region, ...NONE };
    lines.set(key, { ...line, [reportClass]: total });
  }
  return [...lines.values()];
}
