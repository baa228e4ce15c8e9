import type { SettingEntry } from "../../domain/index.ts";
import { isoTime } from "./iso-time.ts";

export function presentSetting({ name, value, description, createdAt, updatedAt }: SettingEntry) {
  return {
    config_key: name,
    config_value: value,
    description,
    created_at: isoTime(createdAt),
    updated_at: isoTime(updatedAt),
  };
}
