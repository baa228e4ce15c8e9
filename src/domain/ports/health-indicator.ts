export type PartHealth =
  | { readonly status: "up" }
  /** Works with less than its full promise; `reason` is for people and holds no secret. */
  | { readonly status: "degraded"; readonly reason: string }
  | { readonly status: "down"; readonly reason: string };

/** Tells how one part of the system is. */
export interface HealthIndicator {
  /** The part's name in the health answer, such as `database`. */
  readonly part: string;
  /** Whether keys can no longer be handed out when this part is down. */
  readonly essential: boolean;
  /** Answers within a second and never rejects. */
  check(): Promise<PartHealth>;
}
