import type { Job } from "../application/index.ts";
import type { Clock, CooldownStore, HealthIndicator, News } from "../domain/index.ts";

/** The cooldown store, and what comes with the place where it is. */
export interface Cooldowns {
  readonly clock: Clock;
  readonly store: CooldownStore;
  readonly health: readonly HealthIndicator[];
  /** Undefined where this process is alone. */
  readonly news: News | undefined;
  /** What has to be done for it while the pool runs. */
  readonly jobs: readonly Job[];
  close(): Promise<void>;
}
