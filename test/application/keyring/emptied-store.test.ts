import { beforeEach, describe, expect, test } from "vitest";
import {
  createInMemoryPorts,
  InMemoryCooldownStore,
  ManualClock,
} from "../../../src/adapters/in-memory/index.ts";
import type { CooldownStore, Key, KeyRepository, News } from "../../../src/domain/index.ts";
import { addKeys, handOut, openWorld, report, type World } from "../../../src/testing/pool.ts";
import { until } from "../../../src/testing/until.ts";
import { openTwoPools } from "../../situations/two-pools.ts";

/** Two processes on one database and one store, which get no news of each other. */
describe("processes that share a store", () => {
  let empty: () => void;
  let one: World;
  let other: World;
  let key: Key;

  beforeEach(async () => {
    const clock = new ManualClock();
    let held: CooldownStore = new InMemoryCooldownStore(clock);
    empty = () => {
      held = new InMemoryCooldownStore(clock);
    };
    const cooldowns: CooldownStore = {
      take: (...given) => held.take(...given),
      read: (...given) => held.read(...given),
      replace: (...given) => held.replace(...given),
      put: (...given) => held.put(...given),
      follow: (...given) => held.follow(...given),
      leave: (...given) => held.leave(...given),
      drop: (...given) => held.drop(...given),
      load: (...given) => held.load(...given),
    };
    const lostNews: News = { publish: async () => {}, subscribe: async () => async () => {} };
    const ports = { ...createInMemoryPorts(clock), cooldowns, news: lostNews };
    one = await openWorld(clock, ports);
    [key] = (await addKeys(one.pool, 1)) as [Key];
    other = await openWorld(clock, ports);
  });

  test.each([429, 401])(
    "I1 a store emptied before the commit is brought up to date about a %i again",
    async (code) => {
      one.keys.hold("settle");
      const reporting = report(one.pool, key, code);
      await until(() => one.keys.held > 0);
      empty();
      expect(await handOut(other.pool)).toBe(key.id);
      one.keys.release();
      expect(await reporting).toMatchObject({ statusChanged: true });
      const refusal = code === 429 ? "all-away" : "no-key";
      expect([await handOut(other.pool), await handOut(one.pool)]).toEqual([refusal, refusal]);
    },
  );

  test("I1 filling an emptied store takes in what others have made durable", async () => {
    await one.pool.disableKey.execute("speech", key.secret);
    empty();
    expect(await handOut(other.pool)).toBe("no-key");
  });

  test("I1 what this process has answered holds, whatever the store says", async () => {
    await one.pool.disableKey.execute("speech", key.secret);
    empty();
    await one.ports.cooldowns.load(key, async function* () {
      yield [{ member: { ...key }, standing: key.standing }];
    });
    expect(await handOut(one.pool)).toBe("no-key");
  });

  test("a key that another process has enabled is handed out at once", async () => {
    await one.pool.disableKey.execute("speech", key.secret);
    await other.pool.jobs.run("reconcile with the database");
    await one.pool.enableKey.execute("speech", key.secret);
    expect(await handOut(other.pool)).toBe(key.id);
  });

  test("I1 a key that another process has moved is found where it is now, and stays there", async () => {
    await one.pool.updateKey.execute("speech", key.secret, { region: "westus" });
    for (const { pool } of [one, other, one]) {
      expect([await handOut(pool, "westus"), await handOut(pool)]).toEqual([key.id, "no-key"]);
    }
  });

  test("a key that another process has tagged anew is found by its tag", async () => {
    await one.pool.updateKey.execute("speech", key.secret, { tag: "red" });
    expect(await handOut(other.pool, "eastasia", "red")).toBe(key.id);
  });

  test("a key that two processes move after each other is where the second one put it, and only there", async () => {
    await one.pool.updateKey.execute("speech", key.secret, { region: "westus" });
    await other.pool.updateKey.execute("speech", key.secret, { region: "eastasia" });
    for (const { pool } of [one, other, one]) {
      expect([await handOut(pool, "westus"), await handOut(pool)]).toEqual(["no-key", key.id]);
    }
  });

  test("I2 a key that one process moves and another tags rests in one pool, and rests once", async () => {
    await one.pool.updateKey.execute("speech", key.secret, { region: "westus" });
    await other.pool.updateKey.execute("speech", key.secret, { tag: "red" });
    expect(await one.ports.cooldowns.read({ ...key, region: "eastasia" })).toEqual({ status: "missing" });
    expect(await handOut(other.pool, "westus", "red")).toBe(key.id);
    const outcomes = await Promise.all([one, other].map(({ pool }) => report(pool, key, 429)));
    expect(outcomes.map(({ statusChanged }) => statusChanged).sort()).toEqual([false, true]);
  });
});

test.each([429, 401])(
  "I1 a fill from before the commit of a %i that ends after it undoes nothing",
  async (code) => {
    const slow = slowFill();
    const { a, b, loseStore } = await openTwoPools({ news: false, keysOfB: slow.keys });
    const [key] = (await addKeys(a.pool, 1)) as [Key];
    await b.pool.jobs.run("reconcile with the database");
    a.keys.hold("settle");
    const reporting = report(a.pool, key, code);
    await until(() => a.keys.held > 0);
    await loseStore();
    slow.hold();
    const filling = handOut(b.pool);
    await until(() => slow.held === 1);
    a.keys.release();
    expect(await reporting).toMatchObject({ statusChanged: true });
    slow.release();
    await filling;
    expect(await handOut(b.pool)).toBe(code === 429 ? "all-away" : "no-key");
  },
);

/** Lets `loadPool` read, and keeps what it read until it is let go. */
function slowFill() {
  let gate: PromiseWithResolvers<void> | undefined;
  let held = 0;
  const keys = (inner: KeyRepository): KeyRepository =>
    new Proxy(inner, {
      get: (target, name) => {
        const method = Reflect.get(target, name);
        if (name !== "loadPool") return typeof method === "function" ? method.bind(target) : method;
        return async function* (...place: Parameters<KeyRepository["loadPool"]>) {
          const chunks: (readonly Key[])[] = [];
          for await (const chunk of target.loadPool(...place)) chunks.push(chunk);
          held++;
          await gate?.promise;
          yield* chunks;
        };
      },
    });
  return {
    keys,
    hold: () => {
      gate = Promise.withResolvers();
      held = 0;
    },
    release: () => gate?.resolve(),
    get held() {
      return held;
    },
  };
}
