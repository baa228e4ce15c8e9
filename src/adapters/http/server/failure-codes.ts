import type { RefusalCode } from "./refusal.ts";
import type { WireErrorCode } from "./wire-names.ts";

export type FailureCode =
  | WireErrorCode
  | RefusalCode
  | "no_key"
  | "all_keys_cooling"
  | "all_keys_busy"
  | "key_rejected"
  | "probe_failed"
  | "probe_timeout"
  | "unhealthy"
  | "internal";

export const STATUS_OF: Readonly<Record<FailureCode, number>> = {
  // The test went well; it is the key that failed it.
  key_rejected: 200,
  invalid_request: 400,
  unauthorized: 401,
  forbidden: 403,
  token_required: 403,
  cross_site: 403,
  behind_proxy: 403,
  key_not_found: 404,
  token_not_found: 404,
  lease_not_found: 404,
  config_not_found: 404,
  no_key: 404,
  not_found: 404,
  method_not_allowed: 405,
  key_exists: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  misdirected: 421,
  too_many_attempts: 429,
  budget_exhausted: 429,
  internal: 500,
  probe_unavailable: 501,
  probe_failed: 502,
  storage_unavailable: 503,
  all_keys_cooling: 503,
  all_keys_busy: 503,
  busy: 503,
  unhealthy: 503,
  probe_timeout: 504,
};

/** What every route that reads or writes may meet. */
export const STORAGE: readonly FailureCode[] = ["storage_unavailable"];

/** The same for those that read a body. */
export const BODY: readonly FailureCode[] = ["payload_too_large", "unsupported_media_type", ...STORAGE];

/** What every route may meet at the door while it is open. */
export const OPEN: readonly FailureCode[] = ["misdirected", "cross_site", "behind_proxy"];

/** The same for those that not everybody may call. */
export const GUARDED: readonly FailureCode[] = ["unauthorized", "forbidden", "too_many_attempts", ...OPEN];
