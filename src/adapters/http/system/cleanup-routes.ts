import type { KeyPool } from "../../../application/index.ts";
import { success } from "../server/answer-schemas.ts";
import { succeed } from "../server/answers.ts";
import { BASE } from "../server/base-path.ts";
import { BODY } from "../server/failure-codes.ts";
import { askerOf } from "../server/guard.ts";
import { type Route, route } from "../server/route.ts";
import { presentCleanup } from "./system-answers.ts";
import { cleanup } from "./system-schemas.ts";

const path = `${BASE}/system/cleanup`;

export function cleanupRoutes({ cleanUpLogs }: KeyPool): readonly Route[] {
  const read = route({
    method: "GET",
    path,
    tag: "System",
    summary: "See which log rows are kept",
    description:
      "What the settings `log_retention_days` and `log_max_rows` say, and what the last clean-up removed.",
    role: "operator",
    answers: { 200: { description: "Last run, next run and settings", schema: success(cleanup) } },
    failures: [],
    handler(ctx) {
      succeed(ctx, presentCleanup(cleanUpLogs.status), "Cleanup status retrieved successfully");
    },
  });

  const run = route({
    method: "POST",
    path,
    tag: "System",
    summary: "Remove old log rows now",
    description: "What the clean-up does by itself every day, with the settings that are in force.",
    role: "operator",
    global: true,
    answers: { 200: { description: "What was removed", schema: success(cleanup) } },
    failures: BODY,
    async handler(ctx) {
      const rows_removed = await cleanUpLogs.execute(askerOf(ctx));
      const data = { ...presentCleanup(cleanUpLogs.status), rows_removed };
      succeed(ctx, data, "Logs cleaned up successfully");
    },
  });

  return [read, run];
}
