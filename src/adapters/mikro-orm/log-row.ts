import { defineEntity, type InferEntity, p } from "@mikro-orm/core";
import {
  type LogAction,
  type LogDraft,
  type LogEntry,
  type Service,
  toLogFields,
} from "../../domain/index.ts";
import type { Row, SqlValue } from "./sql-database.ts";

/** The first expression of the indexes; the text must be the same as there. */
export const IS_NOT_TRANSLATION = "(service is distinct from 'translation')";

export const LogRow = defineEntity({
  name: "LogRow",
  tableName: "logs",
  properties: {
    id: p.bigint("number").primary().autoincrement(),
    service: p.text().$type<Service>().nullable(),
    key_id: p.bigint("number").nullable(),
    keyname: p.text().nullable(),
    region: p.text().nullable(),
    action: p.text().$type<LogAction>(),
    status_code: p.integer().nullable(),
    note: p.text().nullable(),
    created_at: p.bigint("number"),
    /** Null in rows of versions that did not keep it. */
    actor: p.text().nullable(),
  },
});

export type LogRow = InferEntity<typeof LogRow>;

/** The columns of a new row, in the order of `toLogRow`. */
export const NEW_LOG_COLUMNS = [
  "service",
  "key_id",
  "keyname",
  "region",
  "action",
  "status_code",
  "note",
  "created_at",
  "actor",
] as const satisfies (keyof LogRow)[];

export function toLogRow(entry: LogDraft): SqlValue[] {
  const { service, keyId, keyName, region, action, statusCode, note, actor, at } = toLogFields(entry);
  return [service, keyId, keyName, region, action, statusCode, note, at, actor];
}

export function toLogEntry(row: Row): LogEntry {
  const { id, service, key_id, keyname, region, action, status_code, note, created_at, actor } =
    row as unknown as LogRow;
  return {
    id,
    service: service ?? null,
    keyId: key_id ?? null,
    keyName: keyname ?? null,
    region: region ?? null,
    action,
    statusCode: status_code ?? null,
    note: note ?? null,
    actor: actor ?? null,
    at: created_at,
  };
}
