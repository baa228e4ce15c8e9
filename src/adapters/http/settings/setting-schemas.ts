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

const MOST_ENTRIES = 1000;

const entries = <S extends z.ZodType>(entry: S) =>
  z
    .array(entry)
    .min(1, { error: "must hold at least one entry" })
    .max(MOST_ENTRIES, { error: `must hold at most ${MOST_ENTRIES} entries` });

// Counted before any is read: reading the tens of thousands that a body has room for would hold up the hand-outs.
export const settingBatchBody = z.object({ configs: entries(z.unknown()).pipe(z.array(settingBody)) });
export const documentedSettingBatchBody = z.object({ configs: entries(settingBody) });

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
