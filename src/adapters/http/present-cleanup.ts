import type { Cleanup } from "../../application/index.ts";
import { isoTime } from "./iso-time.ts";

export function presentCleanup(cleanup: Cleanup) {
  const { running, lastRunAt, rowsRemoved, nextRunAt, logRetentionDays, logMaxRows } = cleanup;
  return {
    running,
    last_run: lastRunAt === null ? null : isoTime(lastRunAt),
    rows_removed: rowsRemoved,
    next_run: nextRunAt === null ? null : isoTime(nextRunAt),
    settings: { log_retention_days: logRetentionDays, log_max_rows: logMaxRows },
  };
}
