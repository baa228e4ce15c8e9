import { z } from "zod";
import { SERVICES } from "../../../domain/index.ts";
import { count, masked, time } from "./key-answers.ts";

export const setting = z
  .strictObject({
    config_key: z.string(),
    config_value: z.string(),
    description: z.string(),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: "Setting" });

const rowProblem = z
  .strictObject({ index: count, field: z.string(), message: z.string() })
  .meta({ id: "RowProblem", description: "One bad field of one row, counted from 0" });

export const importVerdict = z.strictObject({
  valid: z.boolean(),
  total: count,
  errors: z.array(rowProblem),
  warnings: z.array(rowProblem).meta({ description: "Keys that are in the pool already" }),
});

export const importOutcome = z
  .strictObject({
    total: count,
    success: count.meta({ description: "Rows that created or changed a key" }),
    failed: count,
    skipped: count,
    results: z.array(
      z.strictObject({
        index: count,
        id: z.int().optional(),
        key: masked,
        status: z.enum(["created", "updated", "skipped", "failed"]),
        error: z.string().optional(),
      }),
    ),
  })
  .meta({ id: "ImportOutcome", description: "What became of each row" });

export const template = z.strictObject({
  type: z.enum(SERVICES),
  keys: z.array(
    z.strictObject({
      key: z.string(),
      region: z.string(),
      keyname: z.string(),
      tag: z.string(),
      status: z.enum(["enabled", "disabled"]),
    }),
  ),
  options: z.record(z.string(), z.boolean()),
});

export const cleanup = z
  .strictObject({
    running: z.boolean(),
    last_run: time.nullable(),
    rows_removed: count.meta({ description: "By the last run" }),
    next_run: time.nullable(),
    settings: z.strictObject({ log_retention_days: count, log_max_rows: count }),
  })
  .meta({ id: "Cleanup", description: "Which log rows are kept, and when the others were last removed" });

const partHealth = z.union([
  z.strictObject({ status: z.literal("up") }),
  z.strictObject({ status: z.enum(["degraded", "down"]), reason: z.string() }),
]);

export const health = z
  .strictObject({
    status: z.enum(["healthy", "degraded", "unhealthy"]),
    version: z.string(),
    uptime: count.meta({ description: "Seconds" }),
    parts: z.record(z.string(), partHealth),
  })
  .meta({ id: "Health" });
