import type { Logger } from "pino";
import { InMemoryCooldownStore, SystemClock } from "../adapters/in-memory/index.ts";
import type { Announcement, Clock, CooldownStore, HealthIndicator, News } from "../domain/index.ts";
import type { Config } from "./config.ts";

/** The cooldown store, and what comes with the place where it is. */
export interface Cooldowns {
  readonly clock: Clock;
  readonly store: CooldownStore;
  readonly health: readonly HealthIndicator[];
  /** Undefined where this process is alone. */
  readonly shared: SharedCooldowns | undefined;
  close(): Promise<void>;
}

export interface SharedCooldowns {
  readonly news: News;
  /** Goes back to Redis once it can, and subscribes to the news. Run it about once a second. */
  recover(listener: (announcement: Announcement) => void): Promise<void>;
}

export async function openCooldowns(config: Config, logger: Logger): Promise<Cooldowns> {
  const { redisUrl, startTimeoutMs } = config;
  if (redisUrl) {
    // Imported only here: the client takes 10 MB, which a process without Redis does not need.
    const { openSharedCooldowns } = await import("./open-shared-cooldowns.ts");
    return openSharedCooldowns(redisUrl, startTimeoutMs, logger);
  }
  const clock = new SystemClock();
  const store = new InMemoryCooldownStore(clock);
  return { clock, store, health: [], shared: undefined, close: async () => {} };
}
