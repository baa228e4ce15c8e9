import { defineEntity, type InferEntity, p } from "@mikro-orm/core";
import type { AuditAct, AuditValues, ChainedAuditEntry, Role } from "../../domain/index.ts";
import type { Row, SqlValue } from "./sql-database.ts";

export const AuditRow = defineEntity({
  name: "AuditRow",
  tableName: "audit",
  properties: {
    sequence: p.bigint("number").primary(),
    created_at: p.bigint("number"),
    actor_id: p.text(),
    actor_name: p.text(),
    actor_role: p.text().$type<Role>().nullable(),
    address: p.text().nullable(),
    request_id: p.text().nullable(),
    act: p.text().$type<AuditAct>(),
    subject: p.text(),
    /** JSON. */
    value_before: p.text().nullable(),
    /** JSON. */
    value_after: p.text().nullable(),
    failure: p.text().nullable(),
    previous: p.text(),
    code: p.text(),
  },
});

export type AuditRow = InferEntity<typeof AuditRow>;

/** The last row that was written; there is one. */
export const AuditHeadRow = defineEntity({
  name: "AuditHeadRow",
  tableName: "audit_head",
  properties: { id: p.integer().primary(), sequence: p.bigint("number"), code: p.text() },
});

/** All columns, in their order. */
export function toAuditValues(entry: ChainedAuditEntry): SqlValue[] {
  const { sequence, at, actor, address, requestId, act, subject, before, after, failure, previous, code } =
    entry;
  return [
    ...[sequence, at, actor.id, actor.name, actor.role, address, requestId, act, subject],
    ...[toText(before), toText(after), failure, previous, code],
  ];
}

export function toAuditEntry(row: Row): ChainedAuditEntry {
  const { sequence, created_at, actor_id, actor_name, actor_role, address, request_id, ...others } =
    row as unknown as AuditRow;
  const { act, subject, value_before, value_after, failure, previous, code } = others;
  return {
    sequence,
    at: created_at,
    actor: { id: actor_id, name: actor_name, role: actor_role ?? null },
    address: address ?? null,
    requestId: request_id ?? null,
    act,
    subject,
    before: fromText(value_before),
    after: fromText(value_after),
    failure: failure ?? null,
    previous,
    code,
  };
}

function toText(values: AuditValues | null): string | null {
  return values === null ? null : JSON.stringify(values);
}

/** Who can write the storage may have put anything there; its code tells. */
function fromText(text: string | null | undefined): AuditValues | null {
  if (text == null) return null;
  try {
    return JSON.parse(text) as AuditValues;
  } catch {
    return { unreadable: true };
  }
}
