/** How codes are judged and how long a throttled key rests. */
export interface Policy {
  /** Length of a cooldown in milliseconds; greater than 0. Setting `cooldown_seconds`, default 300 s. */
  readonly cooldownMs: number;
  /** Protection after a cooldown in milliseconds. Setting `protection_period_seconds`, default 5 s. */
  readonly protectionMs: number;
  /** Codes that mean the key is dead. Setting `disable_codes`, default 401, 403, 404. */
  readonly disableCodes: ReadonlySet<number>;
  /** Codes that mean the key is throttled. Setting `cooldown_codes`, default 429. */
  readonly cooldownCodes: ReadonlySet<number>;
}

/** Whose turn it is: everyone's in order, or one key's until it rests or leaves. */
export type RotationStrategy = "round_robin" | "sticky";
