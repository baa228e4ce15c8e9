import { z } from "zod";
import type { SettingInput } from "../../../application/index.ts";
import { schemaOf, time } from "../server/answer-schemas.ts";
import { settingDescription, settingName, settingValue } from "../server/fields.ts";
import type { ConfigEntry } from "./setting-answers.ts";

export const settingBody = z
  .object({
    config_key: settingName,
    config_value: settingValue,
    description: settingDescription.nullish(),
  })
  .transform(
    ({ config_key, config_value, description }): SettingInput => ({
      name: config_key,
      value: config_value,
      description: description ?? undefined,
    }),
  );

export const settingUpdateBody = z
  .object({ config_value: settingValue, description: settingDescription.nullish() })
  .transform(({ config_value, description }) => ({
    value: config_value,
    description: description ?? undefined,
  }));

export const settingBatchBody = z
  .object({ configs: z.array(settingBody) })
  .refine(({ configs }) => configs.length > 0, { path: ["configs"], error: "must hold at least one entry" });

export const setting = schemaOf<ConfigEntry>()(
  z
    .strictObject({
      config_key: z.string(),
      config_value: z.string(),
      description: z.string(),
      created_at: time,
      updated_at: time,
    })
    .meta({ id: "Setting" }),
);
