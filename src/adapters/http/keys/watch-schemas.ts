import { z } from "zod";
import { schemaOf, time } from "../server/answer-schemas.ts";
import { integer } from "../server/fields.ts";
import { handedOutKey, poolQuery } from "./key-schemas.ts";
import type { WatchMessage } from "./watch-answers.ts";

export const watchQuery = poolQuery.extend({
  rotate_seconds: integer(1, 86_400)
    .exactOptional()
    .meta({ description: "Another key after so many seconds, though the one before can still be used" }),
  last_event_id: z
    .string()
    .regex(/^\d{1,15}-\d{1,15}$/, { error: "must be the id of a message" })
    .exactOptional()
    .meta({ description: "Goes on with that key; the header Last-Event-ID says the same and goes first" }),
});

const id = z.string().meta({ description: "To come back with" });

/** One message of the stream: its lines by name, `data` as it is once its JSON is read. */
export const watchMessage = schemaOf<WatchMessage>()(
  z.union([
    z.strictObject({ event: z.literal("key"), id, data: handedOutKey }),
    z.strictObject({
      event: z.literal("none"),
      data: z.strictObject({
        availableAt: time.nullable().meta({ description: "Null: none comes back by itself" }),
      }),
    }),
    z.strictObject({
      event: z.literal("end"),
      data: z.strictObject({ reason: z.enum(["stopping", "not_allowed"]) }),
    }),
  ]),
);
