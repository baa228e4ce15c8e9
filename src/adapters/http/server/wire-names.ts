import type { DomainErrorCode, FieldProblem } from "../../../domain/index.ts";

/** The domain's error codes as they are answered. */
export type WireErrorCode = Exclude<DomainErrorCode, "setting_not_found"> | "config_not_found";

type Names = ReadonlyMap<string, string>;

const KEY_NAMES: Names = new Map([
  ["secret", "key"],
  ["name", "keyname"],
  ["maxInFlight", "max_in_flight"],
  ["retryAfter", "retry_after"],
  ["ttlSeconds", "ttl_seconds"],
  ["waitMs", "wait_ms"],
]);

const SETTING_NAMES: Names = new Map([
  ["name", "config_key"],
  ["value", "config_value"],
]);

const TOKEN_NAMES: Names = new Map([["expiresAt", "expires_at"]]);

export function wireCode(code: DomainErrorCode): WireErrorCode {
  return code === "setting_not_found" ? "config_not_found" : code;
}

/** Problems of the domain with their fields named as they were sent, which depends on what the route is about. */
export function wireProblems<P extends FieldProblem>(problems: readonly P[], route = ""): readonly P[] {
  const names = namesOn(route);
  return problems.map((problem) => ({ ...problem, field: names.get(problem.field) ?? problem.field }));
}

/** A row of an upload with the domain's names for its fields; what is no row is left as it is. */
export function domainRow(sent: unknown): unknown {
  if (typeof sent !== "object" || sent === null || Array.isArray(sent)) return sent;
  const { key, region, keyname, tag, max_in_flight, status } = sent as Readonly<Record<string, unknown>>;
  return { secret: key, region, name: keyname, tag, maxInFlight: max_in_flight, status };
}

function namesOn(route: string): Names {
  if (/\/config(?:\/|$)/.test(route)) return SETTING_NAMES;
  return /\/tokens(?:\/|$)/.test(route) ? TOKEN_NAMES : KEY_NAMES;
}
