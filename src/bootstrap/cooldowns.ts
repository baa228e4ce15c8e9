import type { Job } from "../application/index.ts";
import type { Clock, CooldownStore, EventFeed, HealthIndicator, LeaseStore, News } from "../domain/index.ts";

/** The cooldown store with its clock, news, events, health checks and upkeep, which depend on where it is. */
export interface Cooldowns {
  readonly clock: Clock;
  readonly store: CooldownStore & LeaseStore;
  readonly health: readonly HealthIndicator[];
  /** Undefined where this is the only instance. */
  readonly news: News | undefined;
  readonly events: EventFeed;
  /** Upkeep of the store, to run with the pool's own jobs. */
  readonly jobs: readonly Job[];
  close(): Promise<void>;
}
