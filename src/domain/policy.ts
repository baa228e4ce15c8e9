/** How codes are judged and how long a throttled key rests. */
export interface Policy {
  /** How long a cooldown lasts in milliseconds; greater than 0. Setting `cooldown_seconds`, default 300 s. */
  readonly cooldownMs: number;
  /** How long protection lasts after a cooldown, in milliseconds; 0 for none. Setting `protection_period_seconds`, default 5 s. */
  readonly protectionMs: number;
  /** Codes that mean the key is dead. Setting `disable_codes`, default 401, 403, 404. */
  readonly disableCodes: ReadonlySet<number>;
  /**
   * The longest rest that a reported `Retry-After` may ask for, in milliseconds; 0 to ignore it. Setting
   * `retry_after_max_seconds`, default an hour.
   */
  readonly retryAfterMaxMs: number;
  /** Codes that mean the key is throttled. Setting `cooldown_codes`, default 429. */
  readonly cooldownCodes: ReadonlySet<number>;
}

/** Which key is handed out next: each in turn, or the same one until it rests or leaves its pool. */
export type RotationStrategy = "round_robin" | "sticky";
