import type { Cleanup } from "../../../application/index.ts";
import type { PartHealth } from "../../../domain/index.ts";
import { isoTime } from "../server/iso-time.ts";

/** Which log rows are kept, and when the others were last removed. */
export interface CleanupStatus {
  readonly running: boolean;
  readonly last_run: string | null;
  /** By the last run. */
  readonly rows_removed: number;
  readonly next_run: string | null;
  readonly settings: { readonly log_retention_days: number; readonly log_max_rows: number };
}

export interface Health {
  readonly status: "healthy" | "degraded" | "unhealthy";
  /** This and the rest only for who may see all keys. */
  readonly version?: string;
  /** Seconds. */
  readonly uptime?: number;
  readonly parts?: { readonly [part: string]: PartHealth };
  /** How many keys each service has. */
  readonly keys?: { readonly speech: number; readonly translation: number };
}

/** What this is, and where to read on. */
export interface Welcome {
  readonly name: string;
  readonly version: string;
  readonly links: { readonly docs: string; readonly openapi: string; readonly health: string };
}

export function presentCleanup(cleanup: Cleanup): CleanupStatus {
  const { running, lastRunAt, rowsRemoved, nextRunAt, logRetentionDays, logMaxRows } = cleanup;
  return {
    running,
    last_run: lastRunAt === null ? null : isoTime(lastRunAt),
    rows_removed: rowsRemoved,
    next_run: nextRunAt === null ? null : isoTime(nextRunAt),
    settings: { log_retention_days: logRetentionDays, log_max_rows: logMaxRows },
  };
}
