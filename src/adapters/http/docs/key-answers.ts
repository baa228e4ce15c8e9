import { z } from "zod";
import { LOG_ACTIONS, SERVICES } from "../../../domain/index.ts";

export const time = z
  .string()
  .refine((text) => new Date(text).toISOString() === text)
  .meta({ format: "date-time", examples: ["2026-01-01T00:00:00.000Z"] });
export const count = z.int().min(0);
const id = z.int().min(1);
const status = z.enum(["enabled", "disabled", "cooldown"]);
export const masked = z
  .string()
  .regex(/^[\s\S]{0,4}\*\*\*$/)
  .meta({ description: "The key's first four characters and ***", examples: ["abcd***"] });
const service = z.enum(SERVICES);

const shown = z.strictObject({
  id,
  key: masked,
  service,
  region: z.string(),
  keyname: z.string(),
  tag: z.string().nullable(),
  status,
  cooldown_until: time.nullable().meta({ description: "When a cooldown that is running ends" }),
  protected_until: time.nullable().meta({ description: "Until when cooldown codes are ignored" }),
  disabled_by: z.enum(["person", "code"]).nullable(),
  disabled_code: z.int().nullable(),
  disabled_at: time.nullable(),
  created_at: time,
});
export const key = shown.meta({ id: "Key", description: "A key; its secret is masked" });

const listedKey = shown
  .extend({ usage_count: count, error_count: count, last_used: time.nullable() })
  .meta({ id: "ListedKey", description: "A key and how much it has been used" });

export const handedOutKey = z
  .strictObject({
    id,
    key: z.string().meta({ description: "The subscription key itself" }),
    region: z.string(),
    keyname: z.string(),
    tag: z.string().nullable(),
    status: z.literal("enabled"),
    created_at: time,
  })
  .meta({ id: "HandedOutKey", description: "The key to use now" });

export const cooling = z.strictObject({ availableAt: time, retryAfterSeconds: count });

const paging = { total: count, page: z.int().min(1), limit: z.int().min(1), totalPages: count };

export const keyList = z.union([
  z.array(listedKey),
  z
    .strictObject({ keys: z.array(listedKey), ...paging })
    .meta({ description: "When a page or limit was asked for" }),
]);

const effect = {
  action: z.enum(["keep_enabled", "disable", "cooldown", "skip", "log"]),
  statusChanged: z.boolean(),
  reason: z.enum(["already_disabled", "protected", "cooling", "disabled"]).optional(),
};
export const reportOutcome = z
  .strictObject(effect)
  .meta({ id: "ReportOutcome", description: "What the code did to the key" });

const logRow = z
  .strictObject({
    id,
    key_id: id.nullable(),
    action: z.enum(LOG_ACTIONS),
    status_code: z.int().nullable(),
    note: z.string().nullable(),
    created_at: time,
    keyname: z.string().nullable(),
    region: z.string().nullable(),
  })
  .meta({ id: "LogRow", description: "One act; it outlives its key" });
export const logPage = z.strictObject({ logs: z.array(logRow), ...paging });

export const statistics = z.strictObject({
  cooldown: z.strictObject({
    totalKeys: count,
    cooldownKeys: count,
    enabledKeys: count,
    disabledKeys: count,
  }),
  cooldownKeys: z.array(
    z.strictObject({ key: masked, region: z.string(), cooldownUntil: time, remainingSeconds: count }),
  ),
});

const statusUpdate = z
  .strictObject({ ...effect, message: z.string() })
  .nullable()
  .meta({ description: "What the verdict did to the key; null when the pool was not told, see warning" });
const verdict = {
  statusCode: z.int(),
  retryAfterSeconds: count.optional(),
  statusUpdate,
  warning: z.string().optional(),
};

export const synthesis = z.strictObject({ ...verdict, audioSize: count });
export const recognition = z.strictObject({
  ...verdict,
  transcription: z.string(),
  recognitionStatus: z.string().nullable(),
  rawResponse: z.unknown(),
});
export const translation = z.strictObject({
  ...verdict,
  translation: z.string().nullable(),
  rawResponse: z.unknown(),
});
