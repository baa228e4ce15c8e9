import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createInMemoryPorts,
  InMemoryDatabase,
  InMemoryNews,
  SystemClock,
  WebChance,
} from "../../../src/adapters/in-memory/index.ts";
import { RedisCooldownStore } from "../../../src/adapters/redis/index.ts";
import { createKeyPool } from "../../../src/application/index.ts";
import { JOBS_BY_HAND, secretOf } from "../../../src/testing/pool.ts";
import { load, member, POOL, seat } from "../../../src/testing/seats.ts";
import { type Client, connect, findPrivateRedis, type PrivateRedis } from "../../servers/redis-server.ts";

const found = await findPrivateRedis();
const HOUR = 3_600_000;

interface Server {
  readonly redis: PrivateRedis;
  readonly client: Client;
}

describe.skipIf("missing" in found)(
  `leases in a Redis that goes back to an older state ${"missing" in found ? found.missing : ""}`,
  async () => {
    if ("missing" in found) return void it("needs a server", () => {});
    const { server } = found;
    let clients: Client[] = [];
    let others: PrivateRedis[] = [];
    let master: Server;

    const opened = async (redis: PrivateRedis): Promise<Server> => {
      const client = await connect(redis.url);
      clients.push(client);
      return { redis, client };
    };
    const storeIn = ({ client }: Server, settleMs = 0) => new RedisCooldownStore(client, { settleMs });

    beforeEach(async () => {
      master = await opened(server);
      await master.client.flushAll();
    });
    afterEach(async () => {
      for (const client of clients) client.destroy();
      for (const other of others) await other.stop();
      [clients, others] = [[], []];
    });
    afterAll(() => server.stop());

    /** `beforeLoss` is kept, what `lost` does is not; answers where to go on. */
    type Course = (beforeLoss: () => Promise<void>, lost: () => Promise<void>) => Promise<Server>;

    const restarted: Course = async (beforeLoss, lost) => {
      await beforeLoss();
      await server.save();
      await lost();
      await server.kill();
      await server.restart();
      return opened(server);
    };

    const another = async (): Promise<Server> => {
      const next = await findPrivateRedis();
      if ("missing" in next) throw new Error(next.missing);
      others.push(next.server);
      return opened(next.server);
    };

    const withReplica = async (master: Server): Promise<Server> => {
      const replica = await another();
      const { hostname, port } = new URL(master.redis.url);
      // Else it waits for more replicas first.
      await master.client.configSet("repl-diskless-sync-delay", "0");
      await replica.client.sendCommand(["REPLICAOF", hostname, port]);
      while (!(await replica.client.info("replication")).includes("master_link_status:up"));
      return replica;
    };

    const failedOver: Course = async (beforeLoss, lost) => {
      const replica = await withReplica(master);
      await beforeLoss();
      await master.client.sendCommand(["WAIT", "1", "0"]);
      await replica.client.sendCommand(["REPLICAOF", "NO", "ONE"]);
      await lost();
      return replica;
    };

    const courses = [
      ["restarts from a snapshot", restarted],
      ["fails over to a replica that lagged", failedOver],
    ] as const;

    it.each(courses)("count as before and have another list once it %s", async (_, go) => {
      const store = storeIn(master);
      const lease = (id: string, seen?: string, of = store) =>
        of.lease(POOL, "round_robin", { id, ttlMs: HOUR }, seen);
      let list: string | undefined;
      const now = await go(
        async () => {
          await load(store, seat(1, { maxInFlight: 2 }), seat(2, { maxInFlight: 1 }));
          expect([await lease("a"), await lease("b")]).toMatchObject([
            { status: "taken" },
            { status: "taken" },
          ]);
          list = await store.listOf(POOL);
        },
        async () => {
          expect(await lease("c")).toMatchObject({ status: "taken", lease: { keyId: 1 } });
        },
      );
      const [next, slow] = [storeIn(now), storeIn(now, HOUR)];
      expect(await next.renew(member(2), { id: "b", ttlMs: HOUR }, list)).toMatchObject({
        status: "renewed",
      });
      expect(await next.renew(member(1), { id: "c", ttlMs: HOUR }, list)).toMatchObject({
        status: "other-list",
      });
      expect(await next.release(member(1), "c", list)).toMatchObject({ status: "other-list" });
      expect(await lease("d", list, next)).toMatchObject({ status: "other-list" });
      expect(await lease("d", undefined, slow)).toMatchObject({ status: "all-busy" });
      expect(await next.countLeases([member(1), member(2)])).toEqual([1, 1]);
      const restored = await next.restore(POOL, [{ id: "c", keyId: 1, until: Date.now() + HOUR }]);
      expect(restored).toBe(await next.listOf(POOL));
      expect(restored).not.toBe(list);
      expect(await lease("d", restored, next)).toMatchObject({ status: "all-busy" });
      expect(await next.release(member(1), "c", restored)).toMatchObject({ status: "returned" });
      expect(await lease("d", restored, next)).toMatchObject({ status: "taken", lease: { keyId: 1 } });
    });

    it.each(courses)("never pass a key's limit where it %s", async (_, go) => {
      const database = new InMemoryDatabase();
      let inUse = storeIn(master);
      const join = async () => {
        const store = new Proxy(inUse, { get: (_, name) => Reflect.get(inUse, name).bind(inUse) });
        const pool = createKeyPool({
          ...createInMemoryPorts(new SystemClock(), database),
          ...{ cooldowns: store, leases: { store, chance: new WebChance() } },
          ...{ news: new InMemoryNews(), scheduler: JOBS_BY_HAND },
        });
        await pool.start();
        if (!pool.leases) throw new Error("Nothing is leased");
        return { ...pool, leases: pool.leases };
      };
      const [giver, other] = [await join(), await join()];
      const leased = async (by: typeof giver) =>
        (await by.leases.lease.execute({ pool: POOL, ttlSeconds: 3_600 })).status;
      await giver.addKey.execute({ ...POOL, secret: secretOf(1), maxInFlight: 2 });
      const now = await go(
        async () => expect(await leased(giver)).toBe("leased"),
        async () => expect(await leased(giver)).toBe("leased"),
      );
      inUse = storeIn(now, HOUR);
      expect(await leased(other)).toBe("all-busy");
      await giver.jobs.run("look after leases");
      inUse = storeIn(now);
      expect([await leased(other), await leased(giver)]).toEqual(["all-busy", "all-busy"]);
    });

    const backedUp = async ({ redis, client }: Server) => {
      await client.configSet("repl-diskless-sync-delay", "0");
      const folder = mkdtempSync(join(tmpdir(), "key-pool-backup-"));
      const args = ["-p", new URL(redis.url).port, "--rdb", join(folder, "backup.rdb")];
      await promisify(execFile)("redis-cli", args);
      rmSync(folder, { recursive: true });
    };

    it.each([
      ["it is backed up", backedUp],
      ["a replica joins it", withReplica],
    ])("are in the same list, and go on to be given, when %s", async (_, attach) => {
      // It has never had a replica, so that its replication begins now.
      const alone = await another();
      const store = storeIn(alone);
      const lease = (id: string, seen?: string) =>
        store.lease(POOL, "round_robin", { id, ttlMs: HOUR }, seen);
      await load(store, seat(1, { maxInFlight: 2 }));
      expect(await lease("a")).toMatchObject({ status: "taken" });
      const list = await store.listOf(POOL);
      await attach(alone);
      expect(await store.listOf(POOL)).toBe(list);
      expect(await store.keep(POOL, [], list ?? "")).toMatchObject({ status: "kept" });
      expect(await lease("b", list)).toMatchObject({ status: "taken", list });
      expect(await store.release(member(1), "a", list)).toMatchObject({ status: "returned" });
    });

    it("are given, too, to a user who may not ask the server for its course", async () => {
      await master.client.sendCommand(["ACL", "SETUSER", "pool", "on", ">pw", "~*", "+@all", "-info"]);
      const client = await connect(server.url.replace("//", "//pool:pw@"));
      clients.push(client);
      await expect(client.info()).rejects.toThrow("NOPERM");
      const store = storeIn({ redis: server, client });
      await load(store, seat(1, { maxInFlight: 1 }));
      const lease = (id: string) => store.lease(POOL, "sticky", { id, ttlMs: HOUR });
      expect([await lease("a"), await lease("b")]).toMatchObject([
        { status: "taken" },
        { status: "all-busy" },
      ]);
    });
  },
);
