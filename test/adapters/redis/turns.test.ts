import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { RedisCooldownStore } from "../../../src/adapters/redis/index.ts";
import { memberName } from "../../../src/adapters/redis/member-name.ts";
import { LEAVE_QUEUES, PUT_SEATS } from "../../../src/adapters/redis/scripts/change-seats.ts";
import { merge, NEW_STANDING } from "../../../src/domain/index.ts";
import { connect, findPrivateRedis, reach } from "../../servers/redis-server.ts";
import { cooling, HOUR, member, POOL, reading, seat, seatsIn } from "../../situations/redis-seats.ts";
import { anyStanding } from "../../situations/standings.ts";

const found = await findPrivateRedis();

describe.skipIf("missing" in found)(
  `RedisCooldownStore in particular ${"missing" in found ? found.missing : ""}`,
  async () => {
    if ("missing" in found) return void it("needs a server", () => {});
    const { server } = found;
    const client = await connect(server.url);
    const store = new RedisCooldownStore(client, { prefix: "p:" });
    const { load, takes, now } = seatsIn(store);
    afterAll(async () => {
      client.destroy();
      await server.stop();
    });
    beforeEach(async () => {
      await client.flushAll();
    });

    const scriptCalls = async () => {
      const stats = await client.info("commandstats");
      return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
    };

    it("costs one round trip and one script call for a hand-out", async () => {
      await load(seat(1), seat(2));
      await takes(2);
      await client.configResetStat();
      await takes(10);
      const stats = await client.info("commandstats");
      const calls = [...stats.matchAll(/cmdstat_([\w|]+):calls=(\d+)/g)].map(([, name, calls]) => [
        name,
        calls,
      ]);
      const ten = { time: "10", hexists: "10", zrange: "20", zrevrange: "10", zadd: "10" };
      expect(Object.fromEntries(calls)).toEqual({ "config|resetstat": "1", evalsha: "10", ...ten });
    });

    it("a key that is offered while it rests, as after its clock was set back, is lined up anew by a swap", async () => {
      await load(seat(1, "a"));
      const resting = cooling((await now()) + HOUR);
      await store.put([seat(2, "a", resting)]);
      await client.zRem("p:{speech:eastasia}:resting", memberName(2));
      await client.zAdd("p:{speech:eastasia}:ready", { score: -1, value: memberName(2) });
      expect(await takes(1)).toEqual([2]);
      expect(await store.replace(member(2, "a"), resting, resting)).toBe(true);
      expect(await takes(2)).toEqual([1, 1]);
      await store.leave(member(1));
      expect(await takes(1)).toEqual(["all-away"]);
    });

    it("wakes the keys of a tag by the hundred, in the order in which they are back", async () => {
      const names = Array.from({ length: 1_200 }, (_, index) => memberName(index + 1));
      await load(...names.map((_, index) => seat(index + 1, "a")));
      // All have been away until long ago, and nobody has come by since.
      const places = names.map((name) => `"a"z${"1".padStart(16, "0")}${name}`);
      await client.del("p:{speech:eastasia}:tagged");
      const values = ["", ...places].map((value) => ({ value, score: 0 }));
      await client.zAdd("p:{speech:eastasia}:tagged", values);
      const held = names.flatMap((name, index) => [`@${name}`, places[index] as string]);
      await client.hSet("p:{speech:eastasia}:standings", held);
      await client.configResetStat();
      expect(await takes(1, { ...POOL, tag: "a" })).toEqual([1]);
      const stats = await client.info("commandstats");
      const written = ["zadd", "zrem", "hset"].map((name) =>
        Number(stats.match(`cmdstat_${name}:calls=(\\d+)`)?.[1]),
      );
      expect(Math.max(...written)).toBeLessThan(10);
      const order = names.map((_, index) => index + 1);
      expect(await takes(1_200, { ...POOL, tag: "a" })).toEqual([...order.slice(1), 1]);
    });

    it("a name that waits without a standing can be taken out", async () => {
      await load(seat(1));
      await client.zAdd("p:{speech:eastasia}:ready", { score: -1, value: memberName(4711) });
      expect(await takes(1)).toEqual([4711]);
      await store.leave(member(4711));
      expect(await takes(2)).toEqual([1, 1]);
    });

    it("costs one script call for each call of the port, and one for each chunk of seats", async () => {
      await load(seat(1, "a"), seat(2));
      const chunks = 3;
      const many = Array.from({ length: 200 * (chunks - 1) + 1 }, (_, i) => seat(i + 1));
      const enabled = { ...NEW_STANDING, generation: 1 };
      const calls: Record<string, () => Promise<unknown>> = {
        take: () => store.take(POOL, "round_robin"),
        "take by tag": () => store.take({ ...POOL, tag: "a" }, "sticky"),
        read: () => store.read(member(1)),
        replace: () => store.replace(member(1), NEW_STANDING, enabled),
        "follow one": () => store.follow([seat(1, null, { ...NEW_STANDING, generation: 2 })]),
        "follow many": () => store.follow(many),
        leave: () => store.leave(member(1)),
        "leave the tag": () => store.leave(member(1), "tag"),
        drop: () => store.drop(member(1)),
        "put one": () => store.put([seat(1)]),
        "put many": () => store.put(many),
        "load many": () => store.load(POOL, reading(many.slice(0, 200), many.slice(200))),
      };
      const counted: Record<string, number> = {};
      for (const [name, call] of Object.entries(calls)) {
        const before = await scriptCalls();
        await call();
        counted[name] = (await scriptCalls()) - before;
      }
      expect(counted).toEqual({
        take: 1,
        "take by tag": 1,
        read: 1,
        replace: 1,
        "follow one": 1,
        "follow many": chunks,
        leave: 1,
        "leave the tag": 1,
        drop: 1,
        "put one": 1,
        "put many": chunks,
        // One to begin, one to end.
        "load many": chunks + 2,
      });
    });

    it("lets calls take effect in order on a server that has never seen a script", async () => {
      await load(seat(1), seat(2));
      for (const first of ["leave", "put"] as const) {
        await client.scriptFlush();
        const fresh = new RedisCooldownStore(client, { prefix: "p:" });
        const leave = () => fresh.leave(member(1));
        const put = () => fresh.put([seat(1)]);
        // Only the script of the later call is there.
        await client.scriptLoad((first === "leave" ? PUT_SEATS : LEAVE_QUEUES).text);
        await Promise.all(first === "leave" ? [leave(), put()] : [put(), leave()]);
        expect(new Set(await takes(2))).toEqual(new Set(first === "leave" ? [1, 2] : [2]));
      }
    });

    it("keeps its turns exact where numbers would begin to be rounded", async () => {
      await load(...Array.from({ length: 3 }, (_, i) => seat(i + 1, "a")));
      const high = 2 ** 52;
      const ready = "p:{speech:eastasia}:ready";
      for (const id of [1, 2, 3]) await client.zAdd(ready, { score: high + id, value: `a${id}` });
      expect(await takes(7)).toEqual([1, 2, 3, 1, 2, 3, 1]);
      expect(await client.zScore(ready, "a1")).toBe(high + 10);
    });

    it("rejoins by deadline and then by id as a number, thousands at once", async () => {
      await load(seat(1));
      const until = (await now()) + 800;
      const ids = [...Array.from({ length: 1200 }, (_, i) => i + 2)].reverse();
      await load(...ids.map((id) => seat(id, "a", cooling(until - (id > 1190 ? 1 : 0)))));
      await store.drop(member(1));
      await reach(client, until);
      const expected = [...ids].sort((a, b) => Number(b > 1190) - Number(a > 1190) || a - b);
      expect(await takes(1201)).toEqual([...expected, expected[0]]);
      expect(await takes(1200, { ...POOL, tag: "a" })).toEqual(expected);
    });

    it("merges in Redis as the domain merges", async () => {
      const pair = fc.tuple(anyStanding, anyStanding);
      await fc.assert(
        fc.asyncProperty(fc.array(pair, { minLength: 20, maxLength: 20 }), async (pairs) => {
          await store.put(pairs.map(([held], i) => seat(i + 1, null, held)));
          await store.put(pairs.map(([, given], i) => seat(i + 1, null, given)));
          const merged = pairs.map(([held, given]) => merge(held, given));
          const read = await Promise.all(pairs.map((_, i) => store.drop(member(i + 1))));
          expect(read.map(({ standing }) => standing)).toEqual(merged);
          await store.put(pairs.map(([held], i) => seat(i + 1, null, held)));
          const followed = await store.follow(pairs.map(([, given], i) => seat(i + 1, null, given)));
          expect(followed).toEqual(
            merged.map((standing) => ({ status: "held", standing, at: expect.any(Number) })),
          );
          await client.flushAll();
        }),
        { numRuns: 20 },
      );
    });

    it("keeps tags apart that differ only in signs that mean something to it", async () => {
      const tags = ["a", 'a"', 'a"r', "a\\", "", "a}", "{b}", "a ", "A", "é", "\ud800", "\udfff", "r", "a:b"];
      await load(...tags.map((tag, i) => seat(i + 1, tag)));
      for (const [i, tag] of tags.entries()) {
        expect(await takes(2, { ...POOL, tag })).toEqual([i + 1, i + 1]);
      }
      expect(await takes(tags.length)).toEqual(tags.map((_, i) => i + 1));
    });

    it("changes a key's tag queue even for one who does not know its tag", async () => {
      const tagged = { ...POOL, tag: "a" };
      await load(seat(1, "a"), seat(2, "a"));
      await store.replace(member(1, "old"), NEW_STANDING, cooling((await now()) + HOUR));
      expect(await takes(2, tagged)).toEqual([2, 2]);
      await store.leave(member(2));
      expect(await takes(1, tagged)).toEqual(["all-away"]);
    });

    it("is fair to 20 keys over several clients, and lets one of 50 racers win", async () => {
      const clients = await Promise.all(Array.from({ length: 5 }, () => connect(server.url)));
      onTestFinished(() => {
        for (const one of clients) one.destroy();
      });
      const stores = clients.map((one) => new RedisCooldownStore(one, { prefix: "p:" }));
      await load(...Array.from({ length: 20 }, (_, i) => seat(i + 1)));
      const counts = new Map<number, number>();
      await Promise.all(
        Array.from({ length: 400 }, async (_, i) => {
          const turn = await (stores[i % 5] as RedisCooldownStore).take(POOL, "round_robin");
          if (turn.status === "taken") counts.set(turn.id, (counts.get(turn.id) ?? 0) + 1);
        }),
      );
      expect([...counts.values()]).toEqual(Array(20).fill(20));
      const at = await now();
      const won = await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          (stores[i % 5] as RedisCooldownStore).replace(member(1), NEW_STANDING, cooling(at + HOUR + i)),
        ),
      );
      expect(won.filter(Boolean)).toHaveLength(1);
    });

    it("writes nothing but ids, tags and standings", async () => {
      const secret = "canary-secret-0123456789";
      const whole = { ...member(1, "a"), secret, name: "canary-name" };
      await load({ member: whole, standing: NEW_STANDING });
      await store.put([{ member: whole, standing: NEW_STANDING }]);
      await store.follow([{ member: whole, standing: NEW_STANDING }]);
      await store.replace(whole, NEW_STANDING, cooling((await now()) + HOUR));
      await store.leave(whole);
      const everything: unknown[] = [];
      for (const key of await client.keys("*")) {
        const hash = (await client.type(key)) === "hash";
        everything.push(key, hash ? await client.hGetAll(key) : await client.zRange(key, 0, -1));
      }
      expect(JSON.stringify(everything)).not.toContain("canary");
      expect(JSON.stringify(everything)).toContain("eastasia");
    });

    it("names a bad option", () => {
      expect(() => new RedisCooldownStore(client, { prefix: "{x}" })).toThrow(/prefix/);
      expect(() => new RedisCooldownStore(client, { retentionMs: 0.5 })).toThrow(/retentionMs/);
    });
  },
);
