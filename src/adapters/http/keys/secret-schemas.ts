import { z } from "zod";
import { SERVICES } from "../../../domain/index.ts";
import { schemaOf } from "../server/answer-schemas.ts";
import type { ExportFile, RevealedKey } from "./secret-answers.ts";

export const revealBody = z.object({
  reason: z.string().meta({ description: "For the audit", minLength: 1, maxLength: 500 }),
});

export const revealedKey = schemaOf<RevealedKey>()(
  z
    .strictObject({
      id: z.int().min(1),
      key: z.string().meta({ description: "The subscription key itself" }),
      region: z.string(),
      keyname: z.string(),
    })
    .meta({ id: "RevealedKey" }),
);

export const exportFile = schemaOf<ExportFile>()(
  z
    .strictObject({
      type: z.enum(SERVICES),
      keys: z.array(
        z.strictObject({
          key: z.string(),
          region: z.string(),
          keyname: z.string(),
          tag: z.string().nullable(),
          status: z.enum(["enabled", "disabled"]),
          max_in_flight: z.int().min(1).nullable(),
        }),
      ),
    })
    .meta({ id: "ExportFile" }),
);
