import { describe, expect, test } from "vitest";
import { type Key, NEW_STANDING, type Standing } from "../../../src/domain/index.ts";
import { addKeys, handOut, logged, report } from "../../../src/testing/pool.ts";
import { until } from "../../../src/testing/until.ts";
import { describeSecondPool } from "../../contracts/second-pool.ts";
import { openTwoPools } from "../../situations/two-pools.ts";

describeSecondPool("a second pool that only reconciles, all news being lost", false, async ({ b }) => {
  await b.pool.jobs.run("reconcile with the database");
});

describe("reconciling", () => {
  test("gives a store that forgot everything all of it back in time, and no rest is forgotten meanwhile", async () => {
    const { a, b, clock, loseStore } = await openTwoPools({ news: false });
    const keys = await addKeys(a.pool, 15);
    await b.pool.jobs.run("reconcile with the database");
    await report(a.pool, keys[0] as Key, 429);
    await report(a.pool, keys[1] as Key, 401);
    await a.pool.disableKey.execute("speech", (keys[2] as Key).secret);
    await loseStore("known");
    await b.pool.jobs.run("reconcile with the database");
    expect(await report(b.pool, keys[0] as Key, 429)).toMatchObject({ action: "skip", reason: "cooling" });
    expect(await report(a.pool, keys[1] as Key, 429)).toMatchObject({ action: "skip", reason: "disabled" });
    for (let run = 1; run < 14; run++) await b.pool.jobs.run("reconcile with the database");
    const handedOut = new Set<number | string>();
    for (let i = 0; i < 24; i++) handedOut.add(await handOut(a.pool));
    expect([...handedOut].toSorted(byNumber)).toEqual(keys.slice(3).map(({ id }) => id));
    clock.advance(300_000);
    for (let i = 0; i < 13; i++) handedOut.add(await handOut(a.pool));
    expect([...handedOut].toSorted(byNumber)).toEqual([keys[0], ...keys.slice(3)].map((key) => key?.id));
  });

  test("a store that forgot its pools is filled by the next hand-out, with what is durable", async () => {
    const { a, b, loseStore } = await openTwoPools({ news: false });
    const [resting, free] = (await addKeys(a.pool, 2)) as [Key, Key];
    await b.pool.jobs.run("reconcile with the database");
    await report(a.pool, resting, 429);
    await loseStore();
    expect([await handOut(b.pool), await handOut(b.pool)]).toEqual([free.id, free.id]);
  });

  test("leaves a key alone whose write is under way or owed", async () => {
    const { a } = await openTwoPools({ news: false });
    const [resting, deleted, moved] = (await addKeys(a.pool, 3)) as [Key, Key, Key];
    a.keys.break("settle", "remove");
    await expect(report(a.pool, resting, 429)).rejects.toMatchObject({ code: "storage_unavailable" });
    await expect(a.pool.deleteKey.execute("speech", deleted.secret)).rejects.toMatchObject({
      code: "storage_unavailable",
    });
    a.keys.hold("describe");
    const moving = a.pool.updateKey.execute("speech", moved.secret, { region: "westus" });
    await until(() => a.keys.held === 1);
    for (let run = 0; run < 12; run++) await a.pool.jobs.run("reconcile with the database");
    expect([await handOut(a.pool), await handOut(a.pool, "westus")]).toEqual(["all-away", "no-key"]);
    a.keys.release();
    a.keys.mend();
    await moving;
    await a.pool.jobs.run("write owed changes");
    await a.pool.jobs.run("reconcile with the database");
    expect([await handOut(a.pool), await handOut(a.pool, "westus")]).toEqual(["all-away", moved.id]);
  });

  test("a forged standing in the store enables no key that a person disabled, and is gone after a run", async () => {
    const { a, b, store } = await openTwoPools({ news: false });
    const [key] = (await addKeys(a.pool, 1)) as [Key];
    await a.pool.disableKey.execute("speech", key.secret);
    const held = await store().read({ ...key });
    if (held.status !== "held") throw new Error("the store holds the key");
    const forged = { ...NEW_STANDING, generation: 99 };
    await store().replace({ ...key }, held.standing, forged);
    await b.pool.jobs.run("reconcile with the database");
    expect(await store().read({ ...key })).toMatchObject({ standing: { status: "disabled", generation: 0 } });
    expect([await handOut(a.pool), await handOut(b.pool)]).toEqual(["no-key", "no-key"]);
    await store().replace({ ...key }, held.standing, forged);
    expect([await handOut(a.pool), await handOut(b.pool)]).toEqual(["no-key", "no-key"]);
  });

  describe("what restricts a key in the store and is not in the database", () => {
    const DEAD = "held by the shared store, and not written by who decided it";

    async function forsaken(restriction: (at: number) => Partial<Standing>) {
      const { a, b, clock, store } = await openTwoPools({ news: false });
      const [key] = (await addKeys(a.pool, 1)) as [Key];
      await b.pool.jobs.run("reconcile with the database");
      await store().replace({ ...key }, key.standing, {
        ...key.standing,
        ...restriction(clock.now()),
      } as Standing);
      const reconcile = async (times: number) => {
        for (let run = 0; run < times; run++) {
          await Promise.all([a, b].map(({ pool }) => pool.jobs.run("reconcile with the database")));
        }
      };
      const rows = async () =>
        (await logged(a.pool))
          .filter(({ note }) => note === DEAD)
          .map(({ action, actor }) => [action, actor]);
      const durable = async () => (await a.pool.showKey.execute("speech", String(key.id))).key.standing;
      return { a, b, clock, key, reconcile, rows, durable };
    }

    const DISABLED = (at: number) =>
      ({ status: "disabled", disabledBy: "code", disabledCode: 401, disabledAt: at }) as const;
    const RESTING = (at: number) => ({ cooldownUntil: at + 60_000, protectedUntil: at + 65_000 });
    /** So long its instance may take to write it. */
    const PATIENCE_MS = 30_000;

    test("I5 becomes durable, once, when who disabled it has died, and a person enables it", async () => {
      const { a, b, clock, key, reconcile, rows, durable } = await forsaken(DISABLED);
      await reconcile(13);
      expect([await durable(), await rows()]).toEqual([key.standing, []]);
      clock.advance(PATIENCE_MS);
      await reconcile(1);
      expect(await durable()).toMatchObject({ status: "disabled", disabledBy: "code", disabledCode: 401 });
      await reconcile(1);
      expect(await rows()).toEqual([["disable_key", "system"]]);
      await a.pool.enableKey.execute("speech", key.secret);
      clock.advance(PATIENCE_MS);
      await reconcile(13);
      expect([await handOut(a.pool), await handOut(b.pool)]).toEqual([key.id, key.id]);
      expect(await rows()).toHaveLength(1);
    });

    test("becomes durable as a rest, which ends when it was meant to", async () => {
      const { a, clock, key, reconcile, rows, durable } = await forsaken(RESTING);
      const end = clock.now() + 60_000;
      await reconcile(13);
      clock.advance(PATIENCE_MS);
      await reconcile(1);
      expect(await durable()).toMatchObject({ cooldownUntil: end });
      expect(await rows()).toEqual([["cooldown_start", "system"]]);
      clock.set(end);
      expect(await handOut(a.pool)).toBe(key.id);
    });

    test("is forgotten once it is over", async () => {
      const { a, clock, key, reconcile, rows, durable } = await forsaken(RESTING);
      await reconcile(13);
      clock.advance(60_000);
      await reconcile(13);
      expect([await durable(), await rows()]).toEqual([key.standing, []]);
      expect(await handOut(a.pool)).toBe(key.id);
    });

    test("yields to what a person has decided meanwhile", async () => {
      const { a, b, clock, key, reconcile, rows, durable } = await forsaken(DISABLED);
      await reconcile(13);
      clock.advance(PATIENCE_MS);
      b.keys.hold("settle");
      const reconciled = b.pool.jobs.run("reconcile with the database");
      await until(() => b.keys.held === 1);
      await a.pool.disableKey.execute("speech", key.secret);
      b.keys.release();
      await reconciled;
      expect(await durable()).toMatchObject({ status: "disabled", disabledBy: "person" });
      expect(await rows()).toEqual([]);
    });

    test("is passed over where the key has been deleted meanwhile", async () => {
      const { a, b, clock, key, reconcile } = await forsaken(DISABLED);
      await reconcile(13);
      clock.advance(PATIENCE_MS);
      b.keys.hold("settle");
      const reconciled = b.pool.jobs.run("reconcile with the database");
      await until(() => b.keys.held === 1);
      await a.pool.deleteKey.execute("speech", key.secret);
      b.keys.release();
      await reconciled;
      expect(await handOut(b.pool)).toBe("no-key");
    });
  });

  test("a key that an instance took out of its queues before it died comes back", async () => {
    const { a, b, store } = await openTwoPools({ news: false });
    const [key] = (await addKeys(a.pool, 1)) as [Key];
    expect(await handOut(b.pool)).toBe("no-key");
    await b.pool.jobs.run("reconcile with the database");
    await store().leave({ ...key });
    expect(await handOut(b.pool)).toBe("no-key");
    // Each key is looked after in every twelfth run, and believed to be forsaken the second time.
    for (let run = 0; run < 13; run++) await b.pool.jobs.run("reconcile with the database");
    expect([await handOut(b.pool), await handOut(a.pool)]).toEqual([key.id, key.id]);
  });

  test("a key that has come back to its queues meanwhile keeps its place", async () => {
    const { a, b, store } = await openTwoPools({ news: false });
    const [key] = (await addKeys(a.pool, 1)) as [Key];
    await store().leave({ ...key });
    await b.pool.jobs.run("reconcile with the database");
    await store().put([{ member: { ...key }, standing: key.standing }]);
    await addKeys(a.pool, 1, "westus");
    for (let run = 0; run < 13; run++) await b.pool.jobs.run("reconcile with the database");
    expect(await handOut(b.pool)).toBe(key.id);
  });

  test("a deleted key does not come back by rows that were read before", async () => {
    let deleteMeanwhile = async () => {};
    const { a, b } = await openTwoPools({
      news: true,
      keysOfB: (keys) =>
        new Proxy(keys, {
          get: (target, name) => {
            const method = Reflect.get(target, name);
            if (name !== "load") return typeof method === "function" ? method.bind(target) : method;
            return async function* () {
              for await (const rows of target.load()) {
                await deleteMeanwhile();
                yield rows;
              }
            };
          },
        }),
    });
    const [key, other] = (await addKeys(a.pool, 2)) as [Key, Key];
    deleteMeanwhile = async () => {
      deleteMeanwhile = async () => {};
      await b.pool.deleteKey.execute("speech", key.secret);
    };
    for (let run = 0; run < 12; run++) await b.pool.jobs.run("reconcile with the database");
    expect([await handOut(b.pool), await handOut(b.pool)]).toEqual([other.id, other.id]);
    await expect(report(b.pool, key, 200)).rejects.toMatchObject({ code: "key_not_found" });
  });
});

describe("a hand-out before the next reconciliation", () => {
  test("takes a key whose move it has not heard of for what it is now, and leaves it in its new pool", async () => {
    const { a, b } = await openTwoPools({ news: false });
    const [key] = (await addKeys(a.pool, 1)) as [Key];
    const [near] = (await addKeys(a.pool, 1, "westus")) as [Key];
    await b.pool.jobs.run("reconcile with the database");
    expect(await handOut(b.pool, "westus")).toBe(near.id);
    await a.pool.updateKey.execute("speech", key.secret, { region: "westus" });
    const both = [await handOut(b.pool, "westus"), await handOut(b.pool, "westus")];
    expect(both).toEqual([near.id, key.id]);
    expect(await handOut(b.pool)).toBe("no-key");
  });
});

function byNumber(a: number | string, b: number | string): number {
  return Number(a) - Number(b);
}
