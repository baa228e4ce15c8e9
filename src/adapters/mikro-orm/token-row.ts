import { defineEntity, type InferEntity, p } from "@mikro-orm/core";
import { type AccessToken, type Mac, ROLES, type Role, type Scope } from "../../domain/index.ts";
import type { Row, SqlValue } from "./sql-database.ts";

export const TokenRow = defineEntity({
  name: "TokenRow",
  tableName: "tokens",
  properties: {
    id: p.text().primary(),
    name: p.text(),
    role: p.text().$type<Role>(),
    /** JSON. */
    scope: p.text(),
    hash: p.text(),
    created_at: p.bigint("number"),
    expires_at: p.bigint("number"),
    last_used: p.bigint("number").nullable(),
    code: p.text(),
  },
});

export type TokenRow = InferEntity<typeof TokenRow>;

/** What stands for a code where there is no key to make one with. */
export const NO_CODE: Mac = { of: () => "", verify: (_, code) => code === "" };

/** What the code is made of. */
export function codedValues({
  id,
  name,
  role,
  scope,
  hash,
  created_at,
  expires_at,
}: Omit<TokenRow, "last_used" | "code">): readonly (string | number)[] {
  return ["token", id, name, role, scope, hash, created_at, expires_at];
}

/** All columns but the code, in their order. */
export function toTokenRow(token: AccessToken): Omit<TokenRow, "code"> {
  const { id, name, role, scope, hash, createdAt, expiresAt, lastUsedAt } = token;
  return {
    id,
    name,
    role,
    scope: JSON.stringify(scope),
    hash,
    created_at: createdAt,
    expires_at: expiresAt,
    last_used: lastUsedAt,
  };
}

export function valuesOf(row: TokenRow): SqlValue[] {
  const { id, name, role, scope, hash, created_at, expires_at, last_used, code } = row;
  return [id, name, role, scope, hash, created_at, expires_at, last_used ?? null, code];
}

export function readTokenRow(row: Row): TokenRow {
  return row as unknown as TokenRow;
}

/** A row whose code is right. Undefined for a role that this version does not know. */
export function toAccessToken(row: TokenRow): AccessToken | undefined {
  const { id, name, role, scope, hash, created_at, expires_at, last_used } = row;
  if (!ROLES.includes(role)) return undefined;
  return {
    id,
    name,
    role,
    scope: JSON.parse(scope) as Scope,
    createdAt: created_at,
    expiresAt: expires_at,
    lastUsedAt: last_used ?? null,
    hash,
  };
}
