import type { Found } from "../../test/servers/found.ts";
import { PrivatePostgres } from "../../test/servers/postgres-server.ts";
import { findPrivateRedis } from "../../test/servers/redis-server.ts";
import { seedShared } from "../seed.ts";
import type { ChildServer } from "./child-server.ts";
import { startInstance } from "./pool-server.ts";

/** A PostgreSQL and a Redis of the bench's own, and instances that share them. */
export class SharedPool {
  readonly redisUrl: string;
  readonly #databaseUrl: string;
  readonly #stops: (() => Promise<void>)[];

  private constructor(redisUrl: string, databaseUrl: string, stops: (() => Promise<void>)[]) {
    this.redisUrl = redisUrl;
    this.#databaseUrl = databaseUrl;
    this.#stops = stops;
  }

  /** Seeds the database; no instance runs yet. */
  static async open(keys: number, regions: readonly string[]): Promise<Found<SharedPool>> {
    const redis = await findPrivateRedis();
    if ("missing" in redis) return redis;
    const stops = [() => redis.server.stop()];
    try {
      const postgres = await PrivatePostgres.start();
      if ("missing" in postgres) {
        await redis.server.stop();
        return postgres;
      }
      stops.unshift(() => postgres.server.stop());
      await seedShared(postgres.server.url, keys, regions);
      return { server: new SharedPool(redis.server.url, postgres.server.url, stops) };
    } catch (error) {
      for (const stop of stops) await stop();
      throw error;
    }
  }

  async startInstance(): Promise<ChildServer> {
    const instance = await startInstance(this.#databaseUrl, { REDIS_URL: this.redisUrl });
    this.#stops.unshift(() => instance.stop());
    return instance;
  }

  /** The instances first, then what they share. */
  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0)) await stop();
  }
}
