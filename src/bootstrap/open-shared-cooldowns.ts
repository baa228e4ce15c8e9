import type { Logger } from "pino";
import { FallbackCooldownStore, SharedClock } from "../adapters/fallback/index.ts";
import { InMemoryCooldownStore, SystemClock } from "../adapters/in-memory/index.ts";
import type { Metrics } from "../adapters/prometheus/index.ts";
import {
  RedisCooldownStore,
  RedisEventFeed,
  RedisHealthIndicator,
  RedisNews,
} from "../adapters/redis/index.ts";
import { connectWithin, createRedisClient } from "./connect-redis.ts";
import type { Cooldowns } from "./cooldowns.ts";

/** The pool works without Redis, so a longer wait gains little. */
const LONGEST_WAIT_MS = 15_000;
const RECOVER_PAUSE_MS = 1_000;

/** The cooldown store in Redis, and in this process for as long as Redis is away. */
export async function openSharedCooldowns(
  redisUrl: string,
  startTimeoutMs: number,
  logger: Logger,
  metrics?: Pick<Metrics, "onAlone" | "onTogether">,
): Promise<Cooldowns> {
  const waitMs = Math.min(startTimeoutMs, LONGEST_WAIT_MS);
  const said = {};
  const client = createRedisClient(redisUrl, logger, {}, said);
  const subscriber = createRedisClient(redisUrl, logger, {}, said);
  // It waits for what comes, and so is of no other use.
  const reader = createRedisClient(redisUrl, logger, {}, said);
  const clock = new SharedClock(new SystemClock());
  const store = new FallbackCooldownStore(new RedisCooldownStore(client), new InMemoryCooldownStore(clock), {
    clock,
    onDegraded: (error) => {
      metrics?.onAlone();
      logger.warn({ err: error }, "going on without Redis");
    },
    onRecovered: () => {
      metrics?.onTogether();
      logger.info("Redis is back, standings are merged");
    },
  });
  const clients = [client, subscriber, reader];
  const [ready] = await Promise.all(clients.map((each) => connectWithin(each, waitMs)));
  if (!ready) logger.error("Redis did not answer, starting without it");
  const news = new RedisNews(client, subscriber);
  const events = new RedisEventFeed(client, reader);
  return {
    clock,
    store,
    health: [store, new RedisHealthIndicator(client)],
    // After each reconnect the client subscribes again by itself.
    news,
    events,
    jobs: [
      {
        name: "recover the shared store",
        pauseMs: RECOVER_PAUSE_MS,
        run: async () => {
          if (store.degraded && client.isReady) await store.recover();
        },
      },
    ],
    close: async () => {
      await events.close();
      for (const each of clients) each.destroy();
    },
  };
}
