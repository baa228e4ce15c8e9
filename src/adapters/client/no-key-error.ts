/** Why there is no key to work with. */
export type NoKeyReason =
  /** Every key rests. */
  | "all-cooling"
  /** Every key is leased as often as it may be. */
  | "all-busy"
  /** The pool has no key, or only disabled ones: nothing changes before a person acts. */
  | "no-key"
  /** As many keys as were allowed have been refused by Azure. `cause` is what the last call threw, if it threw. */
  | "refused";

/** A call has not been made with a working key. Says when it is worth coming back. */
export class NoKeyError extends Error {
  override readonly name = "NoKeyError";
  readonly reason: NoKeyReason;
  /** From when on it is worth trying again, in whole seconds from now; undefined where nobody knows of such a time. */
  readonly retryAfterSeconds: number | undefined;
  /** The code of the last key, where `reason` is `refused`. */
  readonly code: number | undefined;

  constructor(reason: NoKeyReason, seen: SeenRefusal = {}) {
    super(MESSAGES[reason], seen.cause === undefined ? undefined : { cause: seen.cause });
    this.reason = reason;
    this.retryAfterSeconds = seen.retryAfterSeconds;
    this.code = seen.code;
  }
}

interface SeenRefusal {
  readonly retryAfterSeconds?: number | undefined;
  readonly code?: number | undefined;
  readonly cause?: unknown;
}

const MESSAGES: Readonly<Record<NoKeyReason, string>> = {
  "all-cooling": "All keys of the pool rest",
  "all-busy": "All keys of the pool are in use",
  "no-key": "The pool has no key that can be used",
  refused: "Azure refused each key that was tried",
};
