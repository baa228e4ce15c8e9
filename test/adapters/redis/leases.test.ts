import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { commandIn } from "../../../bench/processes/count-commands.ts";
import { RedisCooldownStore } from "../../../src/adapters/redis/index.ts";
import { memberName } from "../../../src/adapters/redis/member-name.ts";
import { LIST_TURNS } from "../../../src/adapters/redis/scripts/take-lease.ts";
import { NEW_STANDING } from "../../../src/domain/index.ts";
import { coolingUntil, load, member, POOL, seat } from "../../../src/testing/seats.ts";
import { until } from "../../../src/testing/until.ts";
import { connect, findRedis, freshPrefix } from "../../servers/redis-server.ts";

const found = await findRedis();
const HOUR = 3_600_000;

describe.skipIf("missing" in found)(
  `leases in Redis ${"missing" in found ? found.missing : ""}`,
  async () => {
    if ("missing" in found) return void it("needs a server", () => {});
    const client = await connect(found.server.url);
    let pool: string;
    let prefix: string;
    let open: (settleMs?: number) => RedisCooldownStore;
    let clean: () => Promise<void>;
    let drafts = 0;

    beforeEach(async () => {
      await clean?.();
      const fresh = freshPrefix(client);
      ({ clean, prefix } = fresh);
      pool = `${prefix}{speech:eastasia}`;
      open = (settleMs = 0) => new RedisCooldownStore(client, { prefix, settleMs });
    });
    afterAll(async () => {
      await clean();
      client.destroy();
      await found.server.stop();
    });

    const leased = async (store: RedisCooldownStore, tag?: string, seen?: string) => {
      const draft = { id: `lease-${++drafts}`, ttlMs: HOUR };
      const turn = await store.lease(tag ? { ...POOL, tag } : POOL, "round_robin", draft, seen);
      return turn.status === "taken" ? turn.lease.keyId : turn.status;
    };

    it("leases no key with a limit while a new list settles, and says until when", async () => {
      const store = open(HOUR);
      await load(store, seat(2, { maxInFlight: 1 }));
      const turn = await store.lease(POOL, "round_robin", { id: "x", ttlMs: HOUR });
      const born = Number((await store.listOf(POOL))?.split(".")[0]) * 1000;
      if (turn.status !== "all-busy") throw new Error(turn.status);
      expect(turn.until).toBeGreaterThanOrEqual(born + HOUR);
      expect(turn.until).toBeLessThan(born + HOUR + 1000);
      expect(await leased(open())).toBe(2);
    });

    it.each([undefined, "a"])(
      "leases the keys without a limit while a new list settles, and the others keep their turns: tag %s",
      async (tag) => {
        const store = open(HOUR);
        const keys = [1, 2, 3, 4, 5, 6].map((id) => seat(id, { tag: "a", maxInFlight: id % 3 ? 1 : null }));
        await load(store, ...keys);
        const wanted = () => Promise.all(Array.from({ length: 3 }, () => leased(store, tag)));
        expect([...(await wanted()), ...(await wanted())]).toEqual([3, 6, 3, 6, 3, 6]);
        const sticky = await store.lease({ ...POOL, ...(tag && { tag }) }, "sticky", {
          id: "x",
          ttlMs: HOUR,
        });
        expect(sticky).toMatchObject({ status: "taken", lease: { keyId: 3 } });
        await store.replace(member(3), NEW_STANDING, coolingUntil(Date.now() + HOUR));
        await store.leave(member(6));
        expect(await wanted()).toEqual(["all-busy", "all-busy", "all-busy"]);
        const settled = open();
        expect([await leased(settled, tag), await leased(settled, tag)]).toEqual([1, 2]);
      },
    );

    it("looks for a key without a limit behind some hundred others while a new list settles", async () => {
      const store = open(HOUR);
      const limited = Array.from({ length: 499 }, (_, index) => seat(index + 1, { maxInFlight: 1 }));
      await load(store, ...limited, seat(500));
      expect([await leased(store), await leased(store)]).toEqual([500, 500]);
      await load(store, ...limited, seat(500), seat(501, { maxInFlight: 1 }));
      expect([await leased(store), await leased(store)]).toEqual([500, "all-busy"]);
    });

    it.each([undefined, "a"])(
      "wakes no more than 500 keys in a call, and finds the only one of many that has room: tag %s",
      async (tag) => {
        const store = open();
        const count = 1_200;
        const ids = Array.from({ length: count }, (_, index) => index + 1);
        await load(store, ...ids.map((id) => seat(id, { tag: "a", maxInFlight: 1 })));
        expect(await leased(store, tag)).toBe(1);
        // All others have been away until long ago, and nobody has come by since.
        const [away, others] = [`0${2e14 + 1}`, ids.slice(1).map(memberName)];
        if (tag) {
          const places = await client.hmGet(
            `${pool}:standings`,
            others.map((name) => `%${name}`),
          );
          await client.zRem(`${pool}:tagged`, places.map(String));
          const value = (name: string) => `"a"l${away}${name}`;
          await client.zAdd(
            `${pool}:tagged`,
            others.map((name) => ({ value: value(name), score: 0 })),
          );
          await client.hSet(
            `${pool}:standings`,
            others.flatMap((name) => [`%${name}`, value(name)]),
          );
        } else {
          await client.zAdd(
            `${pool}:leasing`,
            others.map((value) => ({ value, score: Number(away) })),
          );
        }
        const asleep = () => {
          if (!tag) return client.zCount(`${pool}:leasing`, 2e14, "(+inf");
          return client.zLexCount(`${pool}:tagged`, `["a"l02`, `("a"l:`);
        };
        expect(await leased(store, tag)).toBe(2);
        expect(await asleep()).toBe(count - 1 - 500);
        const until = Date.now() + HOUR;
        const taken = ids.slice(2, -1).map((keyId) => ({ id: `own-${keyId}`, keyId, until }));
        await store.restore(POOL, taken);
        expect([await leased(store, tag), await leased(store, tag)]).toEqual([count, "all-busy"]);
        expect(await asleep()).toBe(0);
      },
    );

    it("counts off no more than 1,000 leases that have run out in a call, and answers when all are", async () => {
      const store = open();
      await load(store, seat(1, { maxInFlight: 2_500 }), seat(2, { maxInFlight: 1 }));
      expect(await leased(store)).toBe(1);
      const ids = Array.from({ length: 2_499 }, (_, index) => `over-${index}`);
      const runOut = async () => {
        await store.restore(
          POOL,
          ids.map((id) => ({ id, keyId: 1, until: Date.now() + HOUR })),
        );
        const places = ids.map((id) => ({ value: `${memberName(1)}.${id}`, score: 1 }));
        await client.zAdd(`${pool}:leases`, places);
      };
      await runOut();
      let goneOn = 0;
      const ask = () =>
        store.lease(POOL, "round_robin", { id: `m-${goneOn}`, ttlMs: HOUR }, undefined, () => goneOn++);
      expect([(await ask()).status, (await ask()).status, goneOn]).toEqual(["taken", "taken", 2]);
      expect(await store.countLeases([member(1), member(2)])).toEqual([2, 1]);
      await runOut();
      expect(await store.carryOff(member(1), "over-2498")).toBe(false);
      expect(await store.countLeases([member(1), member(2)])).toEqual([2, 1]);
    });

    it("gives, renews and takes back a lease in one command each", async () => {
      const store = open();
      await load(store, seat(1));
      const act = async () => {
        const turn = await store.lease(POOL, "round_robin", { id: `lease-${++drafts}`, ttlMs: HOUR });
        if (turn.status !== "taken") throw new Error(turn.status);
        await store.renew(member(1), { id: turn.lease.id, ttlMs: HOUR }, turn.list);
        await store.release(member(1), turn.lease.id, turn.list);
      };
      // Redis gets to know the scripts.
      await act();
      const monitor = await connect(found.server.url);
      const lines: string[] = [];
      await monitor.monitor((line) => {
        if (String(line).includes(prefix)) lines.push(String(line));
      });
      await act();
      await client.echo(prefix);
      await until(() => lines.some((line) => commandIn(line) === "echo"));
      monitor.destroy();
      const commands = lines.map(commandIn).filter((command) => command !== undefined);
      expect(commands).toEqual(["evalsha", "evalsha", "evalsha", "echo"]);
    });

    it.each(["leases", "counts"])(
      "makes another list when its %s alone were lost, and keeps the limits",
      async (lost) => {
        const store = open();
        await load(store, seat(1, { maxInFlight: 1, tag: "a" }), seat(2, { maxInFlight: 1 }));
        const given = await store.lease(POOL, "round_robin", { id: "given", ttlMs: HOUR });
        if (given.status !== "taken") throw new Error(given.status);
        expect([given.lease.keyId, await leased(store)]).toEqual([1, 2]);
        const list = await store.listOf(POOL);
        await client.del(`${pool}:${lost}`);
        expect(await store.listOf(POOL)).toBeUndefined();
        expect(await leased(store, undefined, list)).toBe("other-list");
        await store.restore(POOL, [given.lease]);
        expect([await leased(store, "a"), await leased(store), await leased(store)]).toEqual([
          "all-busy",
          2,
          "all-busy",
        ]);
      },
    );

    it("keeps the turns anew when those alone were lost", async () => {
      const store = open();
      await load(store, seat(1, { maxInFlight: 1 }), seat(2, { maxInFlight: 1 }));
      expect(await leased(store)).toBe(1);
      await client.del(`${pool}:leasing`);
      expect([await leased(store), await leased(store)]).toEqual([2, "all-busy"]);
    });

    it("finds the keys that an instance without leases has added or woken", async () => {
      const store = open();
      await load(store, seat(1, { maxInFlight: 1 }), seat(2, { tag: "a" }));
      expect([await leased(store, "a"), await leased(store)]).toEqual([2, 1]);
      await store.put([seat(3, { maxInFlight: 1, tag: "b" }), seat(4, { tag: "a", maxInFlight: 1 })]);
      // As an older version puts them.
      await client.zRem(`${pool}:leasing`, ["a3", "a2"]);
      const places = (await client.hmGet(`${pool}:standings`, ["%a3"])).filter((place) => place !== null);
      await client.zRem(`${pool}:tagged`, places);
      await client.hDel(`${pool}:standings`, ["%a3", "%a2"]);
      expect([await leased(store), await leased(store)]).toEqual([4, 2]);
      expect([await leased(store, "b"), await leased(store, "b")]).toEqual([3, "all-busy"]);
    });

    it("does not lease a key that an instance without leases has sent away or disabled", async () => {
      const store = open();
      await load(store, seat(1), seat(2), seat(3));
      expect(await leased(store)).toBe(1);
      const away = coolingUntil(Date.now() + HOUR);
      await store.replace(member(2), NEW_STANDING, away);
      // As an older version does it, which leaves turns of leases alone.
      await client.zAdd(`${pool}:leasing`, { value: "a2", score: 0 });
      await store.leave(member(3));
      await client.zAdd(`${pool}:leasing`, { value: "a3", score: 1 });
      expect([await leased(store), await leased(store)]).toEqual([1, 1]);
    });

    it("asks once for all leases of a pool that are wanted in one turn of the event loop", async () => {
      await load(open(), ...[1, 2, 3].map((id) => seat(id, { maxInFlight: 2 })));
      let calls = 0;
      const counting = new Proxy(client, {
        get: (target, name) => {
          if (name === "evalSha") calls++;
          return Reflect.get(target, name).bind(target);
        },
      });
      const store = new RedisCooldownStore(counting, { prefix, settleMs: 0 });
      expect(await leased(store)).toBe(1);
      calls = 0;
      const wanted = Array.from({ length: 8 }, () => leased(store));
      expect(await Promise.all(wanted)).toEqual([2, 3, 1, 2, 3, "all-busy", "all-busy", "all-busy"]);
      expect(calls).toBe(1);
    });

    it("asks once for all, too, where the pool has never had a key for this instance", async () => {
      await load(open(), seat(1, { maxInFlight: 1 }));
      expect(await leased(open())).toBe(1);
      const retentions: (string | undefined)[] = [];
      const counting = new Proxy(client, {
        get: (target, name) => {
          if (name !== "evalSha") return Reflect.get(target, name).bind(target);
          return (sha: string, options: { keys: string[]; arguments: string[] }) => {
            retentions.push(options.arguments[2]);
            return target.evalSha(sha, options);
          };
        },
      });
      const store = new RedisCooldownStore(counting, { prefix, settleMs: 0 });
      const wanted = () => Promise.all(Array.from({ length: 8 }, () => leased(store)));
      expect(await leased(store)).toBe("all-busy");
      expect(await wanted()).toEqual(Array(8).fill("all-busy"));
      expect(retentions).toEqual([expect.stringMatching(/^\d+$/), ""]);
    });

    it("lets what is asked for after a lease come after it, and what is asked for before it before", async () => {
      const store = open();
      await load(store, seat(1), seat(2, { tag: "a" }));
      expect([await leased(store), await leased(store)]).toEqual([1, 2]);
      const acts = [
        leased(store),
        store.leave(member(1)),
        leased(store),
        leased(store, "a"),
        leased(store, "b"),
        store.leave(member(2)),
        leased(store),
      ];
      expect(await Promise.all(acts)).toEqual([1, undefined, 2, 2, "empty", undefined, "empty"]);
    });

    it("lists the turns of a pool once, however many ask for its first lease", async () => {
      await load(open(), ...Array.from({ length: 1_000 }, (_, index) => seat(index + 1)));
      let runs = 0;
      let pieces = 0;
      const counting = new Proxy(client, {
        get: (target, name) => {
          if (name !== "evalSha") return Reflect.get(target, name).bind(target);
          return (sha: string, options: { keys: string[]; arguments: string[] }) => {
            if (sha === LIST_TURNS.sha) runs++;
            return target.evalSha(sha, options);
          };
        },
      });
      const store = new RedisCooldownStore(counting, { prefix, settleMs: 0 });
      const ask = (id: number) =>
        store.lease(POOL, "round_robin", { id: `first-${id}`, ttlMs: HOUR }, undefined, () => pieces++);
      const turns = await Promise.all(Array.from({ length: 8 }, (_, id) => ask(id)));
      expect(turns.map(({ status }) => status)).toEqual(turns.map(() => "taken"));
      expect(runs).toBeGreaterThan(1);
      expect(runs).toBeLessThan(2 * (1_000 / 200) + 2);
      expect(pieces).toBe(8 * (runs + 1));
    });

    it("lists the turns of many keys in the order in which they wait", async () => {
      const store = open();
      const ids = Array.from({ length: 700 }, (_, i) => ((i * 457) % 700) + 1);
      await load(store, ...ids.map((id) => seat(id, { tag: id % 2 ? "a" : null, maxInFlight: 1 })));
      for (let i = 0; i < 5; i++) await store.take(POOL, "round_robin");
      const order = [...ids.slice(5), ...ids.slice(0, 5)];
      const odd = ids.filter((id) => id % 2);
      expect([await leased(store, "a"), await leased(store, "a")]).toEqual(odd.slice(0, 2));
      const left = order.filter((id) => !odd.slice(0, 2).includes(id));
      const given = [];
      for (let i = 0; i < left.length; i++) given.push(await leased(store));
      expect(given).toEqual(left);
      expect([await leased(store), await leased(store, "a")]).toEqual(["all-busy", "all-busy"]);
    });
  },
);
