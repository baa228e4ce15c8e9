import { defineEntity, type InferEntity, p } from "@mikro-orm/core";
import {
  type Key,
  type KeyDraft,
  type KeyPlace,
  NEW_STANDING,
  type Service,
  type Standing,
  sameStanding,
  type Usage,
} from "../../domain/index.ts";
import { oneCopyOf } from "./one-copy-of.ts";
import type { SecretColumns } from "./secrets/secret-columns.ts";
import type { Row, SqlValue } from "./sql-database.ts";

export const KeyRow = defineEntity({
  name: "KeyRow",
  tableName: "keys",
  uniques: [
    { name: "keys_secret_service", properties: ["secret", "service"] },
    { name: "keys_fingerprint", properties: ["fingerprint"] },
  ],
  properties: {
    id: p.bigint("number").primary().autoincrement(),
    service: p.text().$type<Service>(),
    // Gone where secrets are sealed; `secrets/secret-columns.ts` knows which columns there are.
    secret: p.text(),
    region: p.text(),
    keyname: p.text(),
    tag: p.text().nullable(),
    status: p.text().$type<Standing["status"]>(),
    disabled_by: p.text().$type<"person" | "code">().nullable(),
    disabled_code: p.integer().nullable(),
    disabled_at: p.bigint("number").nullable(),
    cooldown_until: p.bigint("number"),
    protected_until: p.bigint("number"),
    generation: p.integer(),
    usage_count: p.bigint("number").default(0),
    error_count: p.bigint("number").default(0),
    last_used: p.bigint("number").nullable(),
    created_at: p.bigint("number"),
    // Stays the instant of creation and is never read: changes of a key are in the log.
    updated_at: p.bigint("number"),
    placement: p.integer().default(0),
    fingerprint: p.text().nullable(),
    sealed: p.text().nullable(),
    max_in_flight: p.integer().nullable(),
  },
});

export type KeyRow = InferEntity<typeof KeyRow>;
type StandingRow = Pick<
  KeyRow,
  | "status"
  | "disabled_by"
  | "disabled_code"
  | "disabled_at"
  | "cooldown_until"
  | "protected_until"
  | "generation"
>;

export const STANDING_COLUMNS = [
  "status",
  "disabled_by",
  "disabled_code",
  "disabled_at",
  "cooldown_until",
  "protected_until",
  "generation",
] as const satisfies (keyof StandingRow)[];

/** The columns of a new row without its secret, in the order of `toRow`; the rest have defaults. */
export const NEW_KEY_COLUMNS = [
  "service",
  "region",
  "keyname",
  "tag",
  "max_in_flight",
  "created_at",
  "updated_at",
  ...STANDING_COLUMNS,
] as const satisfies (keyof KeyRow)[];

/** `rankOf` in SQL, part by part. */
export const RANK_COLUMNS = [
  "generation",
  "case when status = 'enabled' then 0 when disabled_by = 'code' then 1 else 2 end",
  "cooldown_until",
  "protected_until",
  "-coalesce(disabled_at, 0)",
  "-coalesce(disabled_code, 0)",
].join(", ");

export function toRow(draft: KeyDraft): SqlValue[] {
  const { service, region, name, tag, maxInFlight, createdAt } = draft;
  const described = [service, region, name, tag, maxInFlight];
  return [...described, createdAt, createdAt, ...toStandingRow(draft.standing)];
}

export function toStandingRow(standing: Standing): SqlValue[] {
  const { status, cooldownUntil, protectedUntil, generation } = standing;
  const disabledBy = status === "disabled" ? standing.disabledBy : null;
  const disabledAt = status === "disabled" ? standing.disabledAt : null;
  const code = status === "disabled" && standing.disabledBy === "code" ? standing.disabledCode : null;
  return [status, disabledBy, code, disabledAt, cooldownUntil, protectedUntil, generation];
}

export function toStanding(row: Row): Standing {
  const { status, generation, disabled_by, disabled_code, disabled_at } = row as unknown as StandingRow;
  const { cooldown_until: cooldownUntil, protected_until: protectedUntil } = row as unknown as StandingRow;
  if (status === "enabled") {
    const standing = { status: "enabled", cooldownUntil, protectedUntil, generation } as const;
    return sameStanding(standing, NEW_STANDING) ? NEW_STANDING : standing;
  }
  const disabledAt = disabled_at ?? 0;
  if (disabled_by !== "code") {
    return { status, disabledBy: "person", disabledAt, cooldownUntil, protectedUntil, generation };
  }
  const disabledCode = disabled_code ?? 0;
  return {
    status,
    disabledBy: "code",
    disabledCode,
    disabledAt,
    cooldownUntil,
    protectedUntil,
    generation,
  };
}

export function toPlace(row: Row): KeyPlace {
  const { service, region } = row as unknown as KeyRow;
  return { service, region };
}

/** Undefined when its secret does not open. */
export function toKey(row: Row, secrets: SecretColumns): Key | undefined {
  const secret = secrets.secretOf(row);
  return secret === undefined ? undefined : toOpenedKey(row, secret);
}

export function toOpenedKey(row: Row, secret: string): Key {
  const { id, service, region, keyname, tag, max_in_flight, created_at, placement } =
    row as unknown as KeyRow;
  return {
    service: oneCopyOf(service),
    secret,
    region: oneCopyOf(region),
    name: keyname,
    tag: tag == null ? null : oneCopyOf(tag),
    maxInFlight: max_in_flight ?? null,
    standing: toStanding(row),
    createdAt: created_at,
    id,
    placement,
  };
}

/** Undefined when its secret does not open. */
export function toKeyWithUsage(row: Row, secrets: SecretColumns): (Key & Usage) | undefined {
  const { usage_count, error_count, last_used } = row as unknown as KeyRow;
  const key = toKey(row, secrets);
  return (
    key && {
      ...key,
      usageCount: usage_count,
      errorCount: error_count,
      lastUsedAt: last_used ?? null,
    }
  );
}
