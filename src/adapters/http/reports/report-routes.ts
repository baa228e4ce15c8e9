import type { KeyPool } from "../../../application/index.ts";
import type { Clock } from "../../../domain/index.ts";
import { type ListPlaces, onePage } from "../keys/list-places.ts";
import { success } from "../server/answer-schemas.ts";
import { succeed } from "../server/answers.ts";
import { BASE } from "../server/base-path.ts";
import { STORAGE } from "../server/failure-codes.ts";
import { scopeOf } from "../server/guard.ts";
import { isoTime } from "../server/iso-time.ts";
import { type Route, route } from "../server/route.ts";
import { presentCounts } from "./report-answers.ts";
import { historyQuery, reportHistory, reportsOf } from "./report-schemas.ts";

/** What was reported, over time. */
export function reportRoutes(
  { countReports }: KeyPool,
  clock: Clock,
  { pages }: ListPlaces,
): readonly Route[] {
  const history = route({
    method: "GET",
    path: `${BASE}/reports/history`,
    tag: "Pools",
    summary: "Count reported codes over time",
    description:
      "By class of code in buckets of time and, without key_id, by region; from the log, so as far back as that goes. " +
      "By default the last 24 hours by the hour; at most 31 days and 200 buckets.",
    role: "viewer",
    query: historyQuery,
    answers: {
      200: { description: "The buckets that have reports", schema: success(reportHistory) },
    },
    failures: STORAGE,
    async handler(ctx, { query }) {
      const reports = reportsOf(query, clock.now());
      const counts = await onePage(ctx, pages, () => countReports.execute(reports, scopeOf(ctx)));
      const { from, to, bucketMs } = reports;
      const data = {
        ...{ from: isoTime(from), to: isoTime(to), bucket_seconds: bucketMs / 1000 },
        counts: presentCounts(counts),
      };
      succeed(ctx, data, "Reports counted successfully");
    },
  });
  return [history];
}
