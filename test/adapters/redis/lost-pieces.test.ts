import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { RedisCooldownStore } from "../../../src/adapters/redis/index.ts";
import { PoolPieces } from "../../../src/adapters/redis/pool-pieces.ts";
import { NEW_STANDING } from "../../../src/domain/index.ts";
import { connect, findPrivateRedis } from "../../servers/redis-server.ts";
import { HOUR, member, POOL, reading, seat, seatsIn } from "../../situations/redis-seats.ts";

const found = await findPrivateRedis();

describe.skipIf("missing" in found)(
  `RedisCooldownStore when Redis loses something ${"missing" in found ? found.missing : ""}`,
  async () => {
    if ("missing" in found) return void it("needs a server", () => {});
    const { server } = found;
    const client = await connect(server.url);
    const store = new RedisCooldownStore(client, { prefix: "p:" });
    const { load, takes, now, standing, restFor } = seatsIn(store);
    afterAll(async () => {
      client.destroy();
      await server.stop();
    });
    beforeEach(async () => {
      await client.flushAll();
    });

    it("goes on when the scripts are flushed in the middle, and puts them back", async () => {
      await load(seat(1), seat(2), seat(3, "a"));
      for (let round = 0; round < 3; round++) {
        expect(await takes(6)).toEqual([1, 2, 3, 1, 2, 3]);
        await client.scriptFlush();
        expect(await takes(1, { ...POOL, tag: "a" })).toEqual([3]);
        await client.scriptFlush();
        expect(await standing(1)).toEqual(NEW_STANDING);
        await client.scriptFlush();
        expect(await store.replace(member(1), NEW_STANDING, NEW_STANDING)).toBe(true);
        await client.scriptFlush();
        await store.put([seat(1), seat(2), seat(3, "a")]);
        await client.scriptFlush();
        expect(await store.follow([seat(1)])).toMatchObject([{ status: "held" }]);
        await client.scriptFlush();
        await store.leave(member(3, "a"), "tag");
        await store.put([seat(3, "a")]);
        await store.leave(member(1));
        await load(seat(1));
        await store.drop(member(1));
        await load(seat(1), seat(2));
        expect(await takes(3)).toEqual([2, 3, 1]);
        await takes(1);
        await store.drop(member(2));
        await store.drop(member(3, "a"));
        await load(seat(2), seat(3, "a"));
      }
      const before = Number((await client.info("commandstats")).match(/cmdstat_eval:calls=(\d+)/)?.[1]);
      await takes(50);
      const after = Number((await client.info("commandstats")).match(/cmdstat_eval:calls=(\d+)/)?.[1]);
      expect(after).toBe(before);
    });

    it("is unloaded after everything was flushed, and rests whom it rested once it is loaded again", async () => {
      await load(seat(1), seat(2));
      const resting = await restFor(HOUR);
      await client.flushAll();
      expect(await store.take(POOL, "round_robin")).toEqual({ status: "unloaded" });
      expect(await store.read(member(1))).toEqual({ status: "unloaded" });
      expect(await store.follow([seat(1)])).toEqual([{ status: "unloaded" }]);
      await store.leave(member(1), "tag");
      expect(await store.replace(member(1), resting, NEW_STANDING)).toBe(false);
      await store.leave(member(1));
      expect(await client.dbSize()).toBe(0);
      // A drop is remembered for those who come too late, also by a pool that is not known.
      expect((await store.drop(member(1))).standing).toBeUndefined();
      expect(await store.take(POOL, "round_robin")).toEqual({ status: "unloaded" });
      await load(seat(1, null, resting), seat(2));
      expect(await takes(2)).toEqual([2, 2]);
    });

    it("takes an older place again a minute after a newer one, as after a backup was restored", async () => {
      await load(seat(1));
      await store.put([{ ...seat(1, "new"), member: { ...member(1, "new"), placement: 2 } }]);
      const [standings] = new PoolPieces("p:", POOL.service, POOL.region).keys as [string];
      const older = () => store.put([{ ...seat(1, "old"), member: { ...member(1, "old"), placement: 1 } }]);
      await older();
      expect(await takes(1, { ...POOL, tag: "old" })).toEqual(["empty"]);
      await client.hSet(standings, "~a1", `2 ${(await now()) - 60_000}`);
      await older();
      expect(await takes(1, { ...POOL, tag: "old" })).toEqual([1]);
    });

    for (const piece of ["standings", "ready", "resting", "tagged"]) {
      it(`hands out no resting key and loses none when only "${piece}" is lost`, async () => {
        const tagged = { ...POOL, tag: "a" };
        await load(seat(1, "a"), seat(2, "a"), seat(3));
        const resting = await restFor(HOUR);
        await client.del(`p:{speech:eastasia}:${piece}`);
        if (piece !== "tagged") expect(await takes(1)).toEqual(["unloaded"]);
        if (piece === "standings" || piece === "tagged") expect(await takes(1, tagged)).toEqual(["unloaded"]);
        // Another instance writes before the pool is loaded again.
        await store.put([seat(3)]);
        await store.replace(member(2, "a"), NEW_STANDING, NEW_STANDING);
        expect(await takes(1)).toEqual(["unloaded"]);
        await load(seat(1, "a", resting), seat(2, "a"), seat(3));
        expect(new Set(await takes(10))).toEqual(new Set([2, 3]));
        expect(await takes(2, tagged)).toEqual([2, 2]);
      });
    }

    it.each([
      ["the queues of tags", ["tagged"], { ...POOL, tag: "a" }],
      ["both queues of the pool", ["ready", "leasing"], POOL],
    ])(
      "says of a pool that lost %s that it is unloaded, not that it has no key to lease",
      async (_, lost, pool) => {
        await load(seat(1, "a"));
        const lease = async () => (await store.lease(pool, "sticky", { id: "x", ttlMs: HOUR })).status;
        expect(await lease()).toBe("taken");
        for (const piece of lost) await client.del(`p:{speech:eastasia}:${piece}`);
        expect(await lease()).toBe("unloaded");
        await load(seat(1, "a"));
        expect(await lease()).toBe("taken");
      },
    );

    it("does not take a pool for loaded that lost a piece while it was being loaded", async () => {
      for (const piece of ["standings", "ready", "resting", "tagged"]) {
        await store.load(POOL, async function* () {
          yield [seat(1, "a")];
          await client.del(`p:{speech:eastasia}:${piece}`);
          yield [seat(2)];
        });
        expect(await takes(1)).toEqual(["unloaded"]);
      }
      await load(seat(2), seat(1));
      expect(new Set(await takes(2))).toEqual(new Set([1, 2]));
    });

    it("cannot say that a key is missing from a pool that has lost a piece", async () => {
      await load(seat(1, "a"));
      expect(await store.read(member(2))).toEqual({ status: "missing" });
      await client.del("p:{speech:eastasia}:tagged");
      expect(await store.read(member(2))).toEqual({ status: "unloaded" });
      expect(await store.follow([seat(2), seat(1)])).toMatchObject([
        { status: "unloaded" },
        { status: "held" },
      ]);
    });

    it("keeps every piece equally long, puts that off on use, and decides nothing by it", async () => {
      const brief = new RedisCooldownStore(client, { prefix: "p:", retentionMs: 60_000 });
      await brief.load(POOL, reading([seat(1, "a"), seat(2)]));
      await store.lease(POOL, "sticky", { id: "x", ttlMs: HOUR });
      const resting = await restFor(HOUR);
      const expiries = async () => {
        const keys = (await client.keys("*")).sort();
        expect(keys).toHaveLength(7);
        return new Set(await Promise.all(keys.map((key) => client.pExpireTime(key))));
      };
      // The store with the default retention wrote last.
      expect(Math.min(...(await expiries())) - (await now())).toBeGreaterThan(39 * 24 * HOUR);
      await brief.take(POOL, "round_robin");
      const [expiry, ...others] = await expiries();
      expect(others).toEqual([]);
      expect(expiry).toBeLessThanOrEqual((await now()) + 60_000);
      await new RedisCooldownStore(client, { prefix: "p:" }).take({ ...POOL, tag: "a" }, "sticky");
      expect(Math.min(...(await expiries())) - (await now())).toBeGreaterThan(39 * 24 * HOUR);
      for (const key of await client.keys("*")) await client.pExpire(key, 0);
      expect(await takes(1)).toEqual(["unloaded"]);
      await load(seat(1, "a", resting), seat(2));
      expect(await takes(2)).toEqual([2, 2]);
    });

    it("keeps a piece that was made later as long as the others", async () => {
      await load(seat(1, null), seat(2, null));
      await takes(1);
      const lease = (id: string) => store.lease(POOL, "sticky", { id, ttlMs: HOUR });
      for (const lost of [undefined, "counts", "leases", "leasing"]) {
        if (lost) await client.del(`p:{speech:eastasia}:${lost}`);
        expect(await lease(`after-${lost}`)).toMatchObject({ status: "taken" });
        const keys = await client.keys("*");
        expect(keys).toHaveLength(7);
        const [expiry, ...others] = new Set(await Promise.all(keys.map((key) => client.pExpireTime(key))));
        expect(others).toEqual([]);
        expect(expiry).toBeGreaterThan(await now());
      }
    });

    it("passes the fault of an unreachable server on", async () => {
      const lone = await connect(server.url);
      const unreachable = new RedisCooldownStore(lone);
      lone.destroy();
      await expect(unreachable.take(POOL, "round_robin")).rejects.toThrow();
    });
  },
);
