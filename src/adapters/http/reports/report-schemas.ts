import { z } from "zod";
import { type ReportQuery, SERVICES } from "../../../domain/index.ts";
import { count, schemaOf, time } from "../server/answer-schemas.ts";
import { instant, integer, region } from "../server/fields.ts";
import { invalid } from "../server/refusal.ts";
import type { ReportHistory } from "./report-answers.ts";

const DAY_SECONDS = 86_400;
const LONGEST_DAYS = 31;
const MOST_BUCKETS = 200;

export const historyQuery = z.object({
  service: z.enum(SERVICES).exactOptional().meta({ description: "Default both" }),
  region: region.exactOptional(),
  key_id: integer(1, Number.MAX_SAFE_INTEGER).exactOptional(),
  from: instant.exactOptional(),
  to: instant.exactOptional(),
  bucket_seconds: integer(1, LONGEST_DAYS * DAY_SECONDS).exactOptional(),
});

/**
 * Which reports to count: by default those of the last day up to `now`, by the hour. Refuses more than 31 days or 200
 * buckets, because all rows of that time are read.
 */
export function reportsOf(
  { service, region, key_id, bucket_seconds = 3600, ...asked }: z.output<typeof historyQuery>,
  now: number,
): ReportQuery {
  const { to = now } = asked;
  const { from = Math.max(to - DAY_SECONDS * 1000, 0) } = asked;
  const bucketMs = bucket_seconds * 1000;
  if (from > to) throw invalid({ field: "from", message: "must not be after to" });
  if (to - from > LONGEST_DAYS * DAY_SECONDS * 1000) {
    throw invalid({ field: "from", message: `must be at most ${LONGEST_DAYS} days before to` });
  }
  if (Math.floor(to / bucketMs) - Math.floor(from / bucketMs) >= MOST_BUCKETS) {
    throw invalid({ field: "bucket_seconds", message: `must make at most ${MOST_BUCKETS} buckets` });
  }
  return {
    services: service ? [service] : SERVICES,
    ...(region && { regions: [region] }),
    ...(key_id !== undefined && { keyId: key_id }),
    ...{ from, to, bucketMs },
  };
}

const counted = z
  .strictObject({
    at: time.meta({ description: "When the bucket begins: a multiple of its length, counted from 1970" }),
    region: z.string().nullable().meta({ description: "Null where key_id was given" }),
    ...{ "2xx": count, "401": count, "403": count, "404": count, "429": count },
    other: count,
  })
  .meta({ id: "CountedReports", description: "How many codes of each class were reported" });

export const reportHistory = schemaOf<ReportHistory>()(
  z.strictObject({
    from: time,
    to: time,
    bucket_seconds: z
      .int()
      .min(1)
      .meta({ examples: [3600] }),
    counts: z.array(counted).meta({ description: "The oldest first; without a report there is no line" }),
  }),
);
