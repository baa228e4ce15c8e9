import { z } from "zod";
import { count, schemaOf, time } from "../server/answer-schemas.ts";
import type { CleanupStatus, Health, Welcome } from "./system-answers.ts";

export const cleanup = schemaOf<CleanupStatus>()(
  z
    .strictObject({
      running: z.boolean(),
      last_run: time.nullable(),
      rows_removed: count.meta({ description: "By the last run" }),
      next_run: time.nullable(),
      settings: z.strictObject({ log_retention_days: count, log_max_rows: count }),
    })
    .meta({
      id: "Cleanup",
      description: "Which log rows are kept, and when the others were last removed",
    }),
);

const partHealth = z.union([
  z.strictObject({ status: z.literal("up") }),
  z.strictObject({ status: z.literal("degraded"), reason: z.string() }),
  z.strictObject({ status: z.literal("down"), reason: z.string() }),
]);

export const health = schemaOf<Health>()(
  z
    .strictObject({
      status: z.enum(["healthy", "degraded", "unhealthy"]),
      version: z.string().exactOptional(),
      uptime: count.meta({ description: "Seconds" }).exactOptional(),
      parts: z.record(z.string(), partHealth).exactOptional(),
      keys: z
        .strictObject({ speech: count, translation: count })
        .meta({ description: "How many keys each service has" })
        .exactOptional(),
    })
    .meta({ id: "Health", description: "Without a viewer's token the status alone" }),
);

export const welcome = schemaOf<Welcome>()(
  z
    .strictObject({
      name: z.string().meta({ examples: ["Azure Key Pool"] }),
      version: z.string(),
      links: z.strictObject({ docs: z.string(), openapi: z.string(), health: z.string() }),
    })
    .meta({ id: "Welcome", description: "What this is, and where to read on" }),
);
