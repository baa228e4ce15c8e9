import type { Service } from "../../../../domain/index.ts";
import type { CountedReports } from "../app/answers.ts";
import type { Bar } from "./bars.ts";

export const HOURS = 24;
export const HOUR_MS = 3_600_000;

/** When the first of the last hours up to `now` began; the last is the one that runs. */
export function firstHour(now: number): number {
  return (Math.floor(now / HOUR_MS) - HOURS + 1) * HOUR_MS;
}

/** The last hours up to `now`, the oldest first, with what was counted in each. */
export function hoursOf(counts: readonly CountedReports[], now: number): readonly Bar[] {
  const first = firstHour(now);
  const hours = Array.from({ length: HOURS }, (_, index) => ({
    at: first + index * HOUR_MS,
    ...{ ok: 0, throttled: 0, refused: 0, failed: 0 },
  }));
  for (const count of counts) {
    const hour = hours[Math.floor((Date.parse(count.at) - first) / HOUR_MS)];
    if (!hour) continue;
    hour.ok += count["2xx"];
    hour.throttled += count["429"];
    hour.refused += count["401"] + count["403"] + count["404"];
    hour.failed += count.other;
  }
  return hours;
}

export interface RegionTrouble {
  readonly service: Service;
  readonly region: string;
  readonly hours: readonly Bar[];
  readonly total: number;
}

/** Of the regions of a service that have them, those with the most first: their last hours, of 429 and 401 alone. */
export function troubleByRegion(
  service: Service,
  counts: readonly CountedReports[],
  now: number,
): readonly RegionTrouble[] {
  const first = firstHour(now);
  const troubled = counts.filter((count) => Date.parse(count.at) >= first && count["429"] + count["401"] > 0);
  const regions = Map.groupBy(troubled, ({ region }) => region ?? "");
  return [...regions]
    .map(([region, rows]) => {
      const alone = rows.map((row) => ({ ...row, "2xx": 0, "403": 0, "404": 0, other: 0 }));
      const total = rows.reduce((sum, row) => sum + row["429"] + row["401"], 0);
      return { service, region, hours: hoursOf(alone, now), total };
    })
    .toSorted(byTrouble);
}

export function byTrouble(a: RegionTrouble, b: RegionTrouble): number {
  return b.total - a.total || a.region.localeCompare(b.region);
}
