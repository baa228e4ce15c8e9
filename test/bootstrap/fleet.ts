import { openDatabase } from "../../src/adapters/mikro-orm/index.ts";
import { type Answer, Api } from "../servers/api.ts";
import { PoolServer, SERVER_COMMAND } from "../servers/pool-server.ts";
import { execute, findPostgres, freshDatabase, type PostgresServer } from "../servers/postgres-server.ts";
import { findPrivateRedis, type PrivateRedis } from "../servers/redis-server.ts";
import { TcpLink } from "../servers/tcp-link.ts";
import { testSealing } from "../situations/sealing.ts";
import { until } from "./servers.ts";
import type { Durable, Span } from "./storm-history.ts";

export const RECONCILE_MS = 1_000;

/** How long an instance may have waited for Redis before it logs that it goes on alone. */
const NOTICING_MS = 3_000;

/** The server programs that a fleet needs, or the reason why there are none. */
export async function findServers(): Promise<
  { readonly postgres: PostgresServer } | { readonly missing: string }
> {
  const redis = await findPrivateRedis();
  if ("missing" in redis) return redis;
  await redis.server.stop();
  const postgres = await findPostgres();
  return "missing" in postgres ? postgres : { postgres: postgres.server };
}

export interface Instance {
  readonly server: PoolServer;
  readonly api: Api;
  /** Its own way to Redis, where that was asked for. */
  readonly link: TcpLink | undefined;
}

/** How an instance differs from the others. */
export interface Peculiarity {
  /** How far its clock is ahead of the others. */
  readonly clockShiftMs?: number;
  readonly reconcileMs?: number;
  /** Whether it reaches Redis over its own link, which can be cut. */
  readonly isLinked?: boolean;
}

/** Several instances on one Redis and one database, all of them the test's own. */
export class Fleet {
  readonly redis: PrivateRedis;
  readonly instances: Instance[] = [];
  readonly #database: { readonly url: string; drop(): Promise<void> };

  private constructor(redis: PrivateRedis, database: { readonly url: string; drop(): Promise<void> }) {
    this.redis = redis;
    this.#database = database;
  }

  static async open(
    postgres: PostgresServer,
    peculiarities: readonly Peculiarity[] = [{}, {}, {}],
  ): Promise<Fleet> {
    const redis = await findPrivateRedis();
    if ("missing" in redis) throw new Error(redis.missing);
    const fleet = new Fleet(redis.server, await freshDatabase(postgres));
    try {
      for (const peculiarity of peculiarities) await fleet.join(peculiarity);
      return fleet;
    } catch (error) {
      await fleet.close();
      throw error;
    }
  }

  /** Starts one more instance. */
  async join({
    clockShiftMs = 0,
    reconcileMs = RECONCILE_MS,
    isLinked = false,
  }: Peculiarity = {}): Promise<Instance> {
    const link = isLinked ? await TcpLink.to(this.redis.url) : undefined;
    const [node = "", ...args] = SERVER_COMMAND;
    const server = await PoolServer.start({
      env: {
        DATABASE_URL: this.#database.url,
        REDIS_URL: link?.url ?? this.redis.url,
        RECONCILE_INTERVAL_SECONDS: String(reconcileMs / 1000),
      },
      command: clockShiftMs === 0 ? SERVER_COMMAND : [node, ...shiftedClock(clockShiftMs), ...args],
    });
    const instance = { server, api: new Api(server), link };
    this.instances.push(instance);
    return instance;
  }

  /**
   * When an instance went on without Redis according to its log, on the clock of `performance`. A machine that
   * is suspended for a while can cause that without any fault.
   */
  alone(): Span[] {
    return this.instances.flatMap(({ server }) => {
      const spans: { from: number; until: number }[] = [];
      for (const { msg, time } of server.log) {
        const at = Number(time) - performance.timeOrigin;
        if (msg === "going on without Redis") {
          spans.push({ from: at - NOTICING_MS, until: Number.POSITIVE_INFINITY });
        }
        const last = spans.at(-1);
        if (last && (msg === "Redis is back, standings are merged" || msg === "stopped")) last.until = at;
      }
      return spans;
    });
  }

  /** Resolves when every running instance reports that it is connected to Redis and the database. */
  async healthy(except: readonly Instance[] = []): Promise<void> {
    const running = this.instances.filter((instance) => !except.includes(instance));
    await Promise.all(
      running.map(({ api }) =>
        until(
          () => api.get("/health"),
          ({ body }: Answer) => body.data.status === "healthy",
        ),
      ),
    );
  }

  async durable(): Promise<Durable> {
    const { url } = this.#database;
    const database = await openDatabase({ url, usedBy: "instances", sealing: testSealing() });
    const keys: object[] = [];
    for await (const some of database.keys.load()) {
      for (const { secret, region, tag, name: keyname, standing } of some) {
        const disabled_by = standing.status === "disabled" ? standing.disabledBy : null;
        keys.push({ secret, region, tag, keyname, status: standing.status, disabled_by });
      }
    }
    await database.close();
    const logs = await execute(url, "select action, note from logs");
    return { keys, logs } as unknown as Durable;
  }

  async close(): Promise<void> {
    this.redis.thaw();
    await Promise.all(this.instances.map(({ server }) => server.kill()));
    for (const { link } of this.instances) link?.close();
    await this.redis.stop();
    await this.#database.drop();
  }
}

function shiftedClock(ms: number): readonly string[] {
  const code = `const now = Date.now; Date.now = () => now() + ${ms};`;
  return ["--import", `data:text/javascript,${encodeURIComponent(code)}`];
}
