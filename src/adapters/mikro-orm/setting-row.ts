import { defineEntity, type InferEntity, p } from "@mikro-orm/core";
import type { SettingEntry } from "../../domain/index.ts";
import type { Row, SqlValue } from "./sql-database.ts";

export const SettingRow = defineEntity({
  name: "SettingRow",
  tableName: "settings",
  properties: {
    name: p.text().primary(),
    value: p.text(),
    description: p.text(),
    created_at: p.bigint("number"),
    updated_at: p.bigint("number"),
  },
});

export type SettingRow = InferEntity<typeof SettingRow>;

export function toSettingRow(entry: SettingEntry): SqlValue[] {
  return [entry.name, entry.value, entry.description, entry.createdAt, entry.updatedAt];
}

export function toSettingEntry(row: Row): SettingEntry {
  const { name, value, description, created_at, updated_at } = row as unknown as SettingRow;
  return { name, value, description, createdAt: created_at, updatedAt: updated_at };
}
