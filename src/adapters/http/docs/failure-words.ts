import type { FailureCode } from "../server/failure-codes.ts";

/** What `error` may say beside each code, for the examples. */
export const FAILURE_WORDS: Readonly<Record<FailureCode, string>> = {
  key_rejected: "Key test failed: Azure refused the key",
  invalid_request: "region: is required",
  unauthorized: "A token is needed",
  forbidden: "The role client may not do this",
  token_required: "This is only for who shows a token; make one first",
  cross_site: "While no token exists, no page of another site is answered",
  behind_proxy: "While no token exists, nothing that a proxy passes on is answered",
  key_not_found: "Key not found",
  token_not_found: "Token not found",
  lease_not_found: "Lease not found: it has run out or was returned",
  config_not_found: "Setting not found",
  no_key: "No key in this pool",
  not_found: "There is nothing at this path",
  method_not_allowed: "This path does not know this method",
  key_exists: "This key is in the pool already",
  payload_too_large: "The body must be at most 100000 bytes",
  unsupported_media_type: "The body must be application/json",
  misdirected: "While no token exists, only requests to localhost are answered",
  too_many_attempts: "Too many bad tokens came from this address",
  budget_exhausted: "This token has used up its budget for this hour",
  internal: "Internal error",
  probe_unavailable: "Keys of this service cannot be tested here",
  probe_failed: "Key test not possible: Azure was not reached",
  storage_unavailable: "The database is away",
  all_keys_cooling: "All keys of this pool are cooling down",
  all_keys_busy: "All keys of this pool are at their limit",
  busy: "Too much is waiting; try again soon",
  unhealthy: "Keys cannot be handed out",
  probe_timeout: "Key test not possible: Azure did not answer in time",
};

export const isFailureCode = (code: unknown): code is FailureCode =>
  typeof code === "string" && code in FAILURE_WORDS;
