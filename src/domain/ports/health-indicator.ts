/** How one part of the system is. A `reason` is for people and holds no secret. */
export type PartHealth =
  | { readonly status: "up" }
  /** Works, but not all that it promises holds. */
  | { readonly status: "degraded"; readonly reason: string }
  | { readonly status: "down"; readonly reason: string };

/** Checks one part of the system. */
export interface HealthIndicator {
  /** The part's name in the health answer, such as `database`. */
  readonly part: string;
  /** Whether keys can no longer be handed out when this part is down. */
  readonly essential: boolean;
  /** Resolves within a second and never rejects. */
  check(): Promise<PartHealth>;
}
