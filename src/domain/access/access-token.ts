import { invalid } from "../errors.ts";
import { parseName } from "../key.ts";
import { Problems } from "../problems.ts";
import { ROLES, type Role } from "./role.ts";
import { checkScope, EVERYTHING, type Scope, type ScopeFields } from "./scope.ts";

/** What is kept of a token; whoever shows the text that `hash` is of has its role. Instants are epoch milliseconds. */
export interface AccessToken {
  /** Part of the token's text, so that logs and people can name it. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly role: Role;
  readonly scope: Scope;
  readonly createdAt: number;
  /** From this instant on it is refused. */
  readonly expiresAt: number;
  /** To the hour; null when it was never used. */
  readonly lastUsedAt: number | null;
  /** SHA-256 of the token's text, base64url. The text itself is stored nowhere. */
  readonly hash: string;
}

/** A token to be made, unchecked. */
export interface NewTokenFields {
  readonly name: string;
  readonly role: string;
  /** Default: 90 days from now. */
  readonly expiresAt?: number | null | undefined;
  /** Default: all keys. */
  readonly scope?: ScopeFields | null | undefined;
}

/** A token to be made, checked. */
export type TokenToMake = Pick<AccessToken, "name" | "role" | "expiresAt" | "scope">;

const DAY_MS = 86_400_000;
const LIFETIME_MS = 90 * DAY_MS;
/** The last instant of the year 9999: the last that has four digits in ISO 8601. */
const LAST_INSTANT = 253_402_300_799_999;

/** Checks a token to be made at the instant `now`. Throws `invalid_request` with everything that is wrong with it. */
export function parseNewToken({ name, role, expiresAt, scope }: NewTokenFields, now: number): TokenToMake {
  const problems = new Problems();
  const checkedName = problems.attempt(() => parseName(name));
  if (checkedName?.trim() === "") problems.add("name", "must not be empty");
  const checkedRole = ROLES.find((one) => one === role);
  if (checkedRole === undefined) problems.add("role", `must be one of ${ROLES.join(", ")}`);
  const until = expiresAt ?? now + LIFETIME_MS;
  if (!(Number.isInteger(until) && until > now && until <= LAST_INSTANT)) {
    problems.add("expiresAt", "must be in the future");
  }
  const checkedScope = scope == null ? EVERYTHING : checkScope(scope, problems);
  if (problems.found.length > 0 || checkedName === undefined || !checkedRole || !checkedScope) {
    throw invalid(...problems.found);
  }
  return { name: checkedName, role: checkedRole, expiresAt: until, scope: checkedScope };
}

/** Whether a token is refused at the instant `now`, for it has had its time. */
export function isExpired({ expiresAt }: Pick<AccessToken, "expiresAt">, now: number): boolean {
  return now >= expiresAt;
}
