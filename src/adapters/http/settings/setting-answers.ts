import type { SettingEntry } from "../../../domain/index.ts";
import { isoTime } from "../server/iso-time.ts";

export interface ConfigEntry {
  readonly config_key: string;
  readonly config_value: string;
  readonly description: string;
  readonly created_at: string;
  readonly updated_at: string;
}

export function presentSetting(entry: SettingEntry): ConfigEntry {
  const { name, value, description, createdAt, updatedAt } = entry;
  return {
    config_key: name,
    config_value: value,
    description,
    created_at: isoTime(createdAt),
    updated_at: isoTime(updatedAt),
  };
}
