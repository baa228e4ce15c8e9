import type { Logger } from "pino";
import { InMemoryCooldownStore, SystemClock } from "../adapters/in-memory/index.ts";
import { RedisCooldownStore, RedisHealthIndicator, RedisNews } from "../adapters/redis/index.ts";
import { FallbackCooldownStore, SharedClock } from "../application/index.ts";
import type { Announcement, Clock, CooldownStore, HealthIndicator, News } from "../domain/index.ts";
import type { Config } from "./config.ts";
import { connectWithin, createRedisClient } from "./connect-redis.ts";

/** Without Redis it works as well, so waiting long gains little. */
const LONGEST_WAIT_FOR_REDIS_MS = 15_000;

/** Where turns and rests are kept, and what comes with that place. */
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
  /** Comes back to Redis where it can, and listens to the news. Run it about once a second. */
  recover(listener: (announcement: Announcement) => void): Promise<void>;
}

export async function openCooldowns(config: Config, logger: Logger): Promise<Cooldowns> {
  const { redisUrl, startTimeoutMs } = config;
  if (redisUrl) return openShared(redisUrl, Math.min(startTimeoutMs, LONGEST_WAIT_FOR_REDIS_MS), logger);
  const clock = new SystemClock();
  const store = new InMemoryCooldownStore(clock);
  return { clock, store, health: [], shared: undefined, close: async () => {} };
}

async function openShared(url: string, waitMs: number, logger: Logger): Promise<Cooldowns> {
  const client = createRedisClient(url, logger);
  const subscriber = createRedisClient(url, logger);
  const clock = new SharedClock(new SystemClock());
  const store = new FallbackCooldownStore(new RedisCooldownStore(client), new InMemoryCooldownStore(clock), {
    onInstant: (at) => clock.agree(at),
    onDegraded: (error) => logger.warn({ err: error }, "going on without Redis"),
    onRecovered: () => logger.info("Redis is back, standings are merged"),
  });
  const [ready] = await Promise.all([connectWithin(client, waitMs), connectWithin(subscriber, waitMs)]);
  if (!ready) logger.error("Redis did not answer, starting without it");
  const news = new RedisNews(client, subscriber);
  let listening = false;
  return {
    clock,
    store,
    health: [store, new RedisHealthIndicator(client)],
    shared: {
      news,
      recover: async (listener) => {
        if (!listening && subscriber.isReady) {
          // The client subscribes anew by itself after each reconnect.
          await news.subscribe(listener);
          listening = true;
        }
        if (store.degraded && client.isReady) await store.recover();
      },
    },
    close: async () => {
      client.destroy();
      subscriber.destroy();
    },
  };
}
