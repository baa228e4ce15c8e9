import { z } from "zod";
import { EVENT_KINDS, type EventKind, KEY_ACTIONS, SERVICES } from "../../../domain/index.ts";
import { count, schemaOf, time } from "../server/answer-schemas.ts";
import { region } from "../server/fields.ts";
import type {
  HealthEventData,
  ImportEventData,
  KeyEventData,
  ReportEventData,
  SettingEventData,
  TokenEventData,
} from "./event-answers.ts";

const kinds = z
  .string()
  .meta({ description: `Separated by commas: ${EVENT_KINDS.join(", ")}; all by default` })
  .transform((text, context): readonly EventKind[] => {
    const sent = text.split(",").map((kind) => kind.trim());
    const known = EVENT_KINDS.filter((kind) => sent.includes(kind));
    if (new Set(sent).size === known.length) return known;
    context.addIssue({ code: "custom", message: `must be some of ${EVENT_KINDS.join(", ")}` });
    return z.NEVER;
  });

export const eventsQuery = z.object({
  service: z.enum(SERVICES).exactOptional(),
  region: region.exactOptional(),
  kinds: kinds.exactOptional(),
  last_event_id: z
    .string()
    .regex(/^\d{1,16}-\d{1,16}$/, { error: "must be the id of an event" })
    .exactOptional()
    .meta({
      description: "Goes on behind this event; the header Last-Event-ID says the same and goes first",
    }),
});

const actor = z.string().meta({ description: "Who acted, as log rows name him" });
const service = z.enum(SERVICES);
const aboutKey = {
  key_id: z.int(),
  service,
  region: z.string(),
  keyname: z.string(),
  tag: z.string().nullable(),
};

const key = schemaOf<KeyEventData>()(
  z
    .strictObject({
      at: time,
      actor,
      action: z.enum(KEY_ACTIONS),
      ...aboutKey,
      status: z
        .enum(["enabled", "disabled", "cooldown"])
        .nullable()
        .meta({ description: "Null: it is gone" }),
      cooldown_until: time.nullable().meta({ description: "It comes back then, without another event" }),
      code: z.int().nullable(),
    })
    .meta({ id: "KeyEvent", description: "A change of a key" }),
);

const report = schemaOf<ReportEventData>()(
  z
    .strictObject({
      at: time,
      ...aboutKey,
      code: z.int(),
      action: z.string(),
      reason: z.string().nullable(),
      status_changed: z.boolean(),
    })
    .meta({ id: "ReportEvent", description: "A code that was reported" }),
);

const setting = schemaOf<SettingEventData>()(
  z
    .strictObject({
      at: time,
      actor,
      config_key: z.string(),
      config_value: z.string().nullable().meta({ description: "Null for a free setting" }),
    })
    .meta({ id: "SettingEvent" }),
);

const imported = schemaOf<ImportEventData>()(
  z
    .strictObject({
      at: time,
      import_id: z.string(),
      service,
      total: count,
      done: count,
      created: count,
      skipped: count,
      failed: count,
      ended: z.boolean(),
    })
    .meta({ id: "ImportEvent", description: "How far an import has come, in rows" }),
);

const health = schemaOf<HealthEventData>()(
  z
    .strictObject({
      at: time,
      status: z.enum(["healthy", "degraded", "unhealthy"]),
      parts: z.array(z.strictObject({ name: z.string(), status: z.enum(["up", "degraded", "down"]) })),
    })
    .meta({ id: "HealthEvent", description: "An instance is in another health than before" }),
);

const token = schemaOf<TokenEventData>()(
  z
    .strictObject({
      at: time,
      actor,
      action: z.enum(["created", "revoked"]),
      token_id: z.string(),
      name: z.string().nullable(),
    })
    .meta({ id: "TokenEvent" }),
);

const id = z.string().meta({ description: "Grows from event to event" });

/** One message of the stream: its lines by name, `data` as it is once its JSON is read. */
export const eventMessage = z.union([
  z.strictObject({ event: z.literal("key"), id, data: key }),
  z.strictObject({ event: z.literal("report"), id, data: report }),
  z.strictObject({ event: z.literal("setting"), id, data: setting }),
  z.strictObject({ event: z.literal("import"), id, data: imported }),
  z.strictObject({ event: z.literal("health"), id, data: health }),
  z.strictObject({ event: z.literal("token"), id, data: token }),
  z.strictObject({ event: z.literal("reset"), id, data: z.strictObject({}) }),
  z.strictObject({
    event: z.literal("end"),
    data: z.strictObject({ reason: z.enum(["stopping", "not_allowed"]) }),
  }),
]);
