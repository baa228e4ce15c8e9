import { readSettings, type SettingName } from "../../../../domain/index.ts";

/** What a setting's text may be; the domain judges it, this says it. */
export type Bounds =
  | { readonly kind: "integer"; readonly min: number; readonly max: number }
  | { readonly kind: "seconds"; readonly min: number; readonly max: number }
  | { readonly kind: "aboveZero"; readonly max: number }
  | { readonly kind: "codes" }
  | { readonly kind: "choice"; readonly options: readonly string[] };

const MOST = 999_999_999;
const LONGEST_REST_SECONDS = 31 * 86_400;

export const BOUNDS: Readonly<Record<SettingName, Bounds>> = {
  cooldown_seconds: { kind: "aboveZero", max: LONGEST_REST_SECONDS },
  protection_period_seconds: { kind: "seconds", min: 0, max: LONGEST_REST_SECONDS },
  retry_after_max_seconds: { kind: "integer", min: 0, max: LONGEST_REST_SECONDS },
  disable_codes: { kind: "codes" },
  cooldown_codes: { kind: "codes" },
  key_rotation_strategy: { kind: "choice", options: ["round_robin", "sticky"] },
  max_concurrent_requests: { kind: "integer", min: 1, max: MOST },
  probe_timeout_seconds: { kind: "aboveZero", max: 120 },
  recheck_interval_minutes: { kind: "integer", min: 0, max: 7 * 24 * 60 },
  log_retention_days: { kind: "integer", min: 0, max: MOST },
  log_max_rows: { kind: "integer", min: 0, max: MOST },
  audit_retention_days: { kind: "integer", min: 0, max: MOST },
  client_disables_per_hour: { kind: "integer", min: 0, max: 10_000 },
  client_distinct_keys_per_hour: { kind: "integer", min: 0, max: 1000 },
};

/** Whether the setting could have this value among the others as they are. */
export function isAcceptable(name: string, value: string, others: ReadonlyMap<string, string>): boolean {
  return readSettings(new Map([...others, [name, value]])).problems.length === 0;
}
