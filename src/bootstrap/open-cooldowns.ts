import type { Logger } from "pino";
import { InMemoryCooldownStore, InMemoryEventFeed, SystemClock } from "../adapters/in-memory/index.ts";
import type { Metrics } from "../adapters/prometheus/index.ts";
import type { Config } from "./config.ts";
import type { Cooldowns } from "./cooldowns.ts";

/** In this process, or in Redis where `REDIS_URL` is set. */
export async function openCooldowns(config: Config, logger: Logger, metrics: Metrics): Promise<Cooldowns> {
  const { redisUrl, startTimeoutMs } = config;
  if (redisUrl) {
    // Imported only here: the client takes 10 MB, which a process without Redis does not need.
    const { openSharedCooldowns } = await import("./open-shared-cooldowns.ts");
    return openSharedCooldowns(redisUrl, startTimeoutMs, logger, metrics);
  }
  const clock = new SystemClock();
  const store = new InMemoryCooldownStore(clock);
  const events = new InMemoryEventFeed(clock);
  return { clock, store, health: [], news: undefined, events, jobs: [], close: async () => {} };
}
