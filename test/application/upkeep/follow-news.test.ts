import { describe, expect, test } from "vitest";
import type { Key, KeyId, KeyRepository } from "../../../src/domain/index.ts";
import { addKeys, handOut, report } from "../../../src/testing/pool.ts";
import { until } from "../../../src/testing/until.ts";
import { describeSecondPool } from "../../contracts/second-pool.ts";
import { openTwoPools } from "../../situations/two-pools.ts";

describeSecondPool("a second pool that follows the news", true, ({ heard }) => heard());

describe("following the news", () => {
  test("false news makes no key vanish", async () => {
    const { a, b, announce } = await openTwoPools();
    const [key] = (await addKeys(a.pool, 1)) as [Key];
    await announce(b, key.id);
    expect([await handOut(a.pool), await handOut(b.pool)]).toEqual([key.id, key.id]);
  });

  test("a burst about one key is one read, and what fails is read again", async () => {
    let reads = 0;
    const { a, b, announce } = await openTwoPools({
      news: false,
      keysOfB: (keys) =>
        new Proxy(keys, {
          get: (target, name) => {
            if (name === "get") reads++;
            const method = Reflect.get(target, name);
            return typeof method === "function" ? method.bind(target) : method;
          },
        }),
    });
    const [key] = (await addKeys(a.pool, 1)) as [Key];
    b.keys.break("get");
    await expect(announce(b, key.id)).rejects.toMatchObject({ code: "storage_unavailable" });
    b.keys.mend();
    reads = 0;
    await Promise.all(Array.from({ length: 50 }, () => announce(b, key.id)));
    expect(reads).toBeLessThanOrEqual(2);
    b.keys.break("findBySecret");
    expect(await report(b.pool, key, 200)).toMatchObject({ action: "keep_enabled" });
  });

  test("leaves a key alone whose move or deletion is under way or owed", async () => {
    const { a, heard, announce } = await openTwoPools();
    const [moved, deleted] = (await addKeys(a.pool, 2)) as [Key, Key];
    await heard();
    a.keys.break("remove");
    await expect(a.pool.deleteKey.execute("speech", deleted.secret)).rejects.toMatchObject({
      code: "storage_unavailable",
    });
    a.keys.hold("describe");
    const moving = a.pool.updateKey.execute("speech", moved.secret, { region: "westus" });
    await until(() => a.keys.held === 1);
    for (const { id } of [moved, deleted]) await announce(a, id);
    expect(await handOut(a.pool)).toBe("no-key");
    a.keys.release();
    a.keys.mend();
    await moving;
    await a.pool.jobs.run("write owed changes");
    expect([await handOut(a.pool), await handOut(a.pool, "westus")]).toEqual(["no-key", moved.id]);
  });

  test("leaves a key alone whose move began while it was being read", async () => {
    const slow = slowGet();
    const { a, b, announce } = await openTwoPools({ news: false, keysOfB: slow.keys });
    const [key] = (await addKeys(a.pool, 1)) as [Key];
    await b.pool.jobs.run("reconcile with the database");
    slow.hold();
    const following = announce(b, key.id);
    await until(() => slow.held === 1);
    b.keys.hold("describe");
    const moving = b.pool.updateKey.execute("speech", key.secret, { region: "westus" });
    await until(() => b.keys.held === 1);
    slow.release();
    await following;
    expect(await handOut(b.pool)).toBe("no-key");
    b.keys.release();
    await moving;
    expect(await handOut(b.pool, "westus")).toBe(key.id);
  });

  test.each(["known", "unknown"])("a late read brings no deleted key back (%s here)", async (which) => {
    const slow = slowGet();
    const { a, b, announce } = await openTwoPools({ news: false, keysOfB: slow.keys });
    const secret = "the-secret-of-the-other-key";
    const other = await a.pool.addKey.execute({ service: "speech", secret, region: "eastasia" });
    await b.pool.jobs.run("reconcile with the database");
    const [key] = (await addKeys(a.pool, 1)) as [Key];
    if (which === "known") await b.pool.jobs.run("reconcile with the database");
    slow.hold();
    const late = announce(b, key.id);
    await until(() => slow.held === 1);
    await a.pool.deleteKey.execute("speech", key.secret);
    const again = announce(b, key.id);
    slow.release();
    await Promise.all([late, again]);
    expect([await handOut(b.pool), await handOut(b.pool)]).toEqual([other.id, other.id]);
    await expect(report(b.pool, key, 200)).rejects.toMatchObject({ code: "key_not_found" });
  });
});

/** Lets `get` read, and keeps what it read until it is let go. */
function slowGet() {
  let gate: PromiseWithResolvers<void> | undefined;
  let held = 0;
  const keys = (inner: KeyRepository): KeyRepository =>
    new Proxy(inner, {
      get: (target, name) => {
        const method = Reflect.get(target, name);
        if (name !== "get") return typeof method === "function" ? method.bind(target) : method;
        return async (id: KeyId) => {
          const row = await target.get(id);
          if (!gate) return row;
          held++;
          await gate.promise;
          return row;
        };
      },
    });
  return {
    keys,
    hold: () => {
      gate = Promise.withResolvers();
    },
    release: () => {
      gate?.resolve();
      gate = undefined;
    },
    get held() {
      return held;
    },
  };
}
