/** Who a probe's code comes from. Only what the service itself said may change a key. */
export type VerdictSource = "service" | "transport" | "local";

/** What asking Azure came to, as a status code. */
export interface Verdict {
  /** 2xx: the key works. Otherwise the service's code, or the nearest HTTP code for a fault on the way. */
  readonly code: number;
  readonly source: VerdictSource;
  /** For people and the log; never holds a secret or a URL. */
  readonly reason: string;
  /** What the service asked to wait, in seconds, when it did. */
  readonly retryAfterSeconds?: number;
}
