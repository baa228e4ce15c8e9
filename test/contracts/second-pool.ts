import { describe, expect, test } from "vitest";
import type { Key } from "../../src/domain/index.ts";
import { addKeys, handOut, report } from "../../src/testing/pool.ts";
import { openTwoPools, type TwoPools } from "../situations/two-pools.ts";

/** The rules for what B sees of A's changes once `sync` has run. */
export function describeSecondPool(name: string, news: boolean, sync: (pools: TwoPools) => Promise<void>) {
  describe(name, () => {
    const open = async () => {
      const pools = await openTwoPools({ news });
      const [first, second] = (await addKeys(pools.a.pool, 2)) as [Key, Key];
      await sync(pools);
      return { ...pools, pools, first, second };
    };
    const inTurn = async ({ b }: TwoPools, region = "eastasia", tag?: string) => [
      await handOut(b.pool, region, tag),
      await handOut(b.pool, region, tag),
    ];

    test("hands out a key that another instance has added, also in a pool new to it", async () => {
      const { a, pools, first, second } = await open();
      expect(await inTurn(pools)).toEqual([first.id, second.id]);
      const [far] = (await addKeys(a.pool, 1, "westus")) as [Key];
      await sync(pools);
      expect(await inTurn(pools, "westus")).toEqual([far.id, far.id]);
    });

    test("hands out a renamed key by its new name", async () => {
      const { a, b, pools, first } = await open();
      await a.pool.updateKey.execute("speech", first.secret, { name: "anew" });
      await sync(pools);
      const turn = await b.pool.handOutKey.execute({ service: "speech", region: "eastasia" });
      expect(turn).toMatchObject({ status: "handed-out", key: { id: first.id, name: "anew" } });
    });

    test("hands out a moved key in its new pool only, its standing with it", async () => {
      const { a, clock, pools, first, second } = await open();
      await report(a.pool, first, 429);
      await a.pool.updateKey.execute("speech", first.secret, { region: "westus" });
      await sync(pools);
      expect(await inTurn(pools)).toEqual([second.id, second.id]);
      expect(await inTurn(pools, "westus")).toEqual(["all-away", "all-away"]);
      clock.advance(300_000);
      expect(await inTurn(pools, "westus")).toEqual([first.id, first.id]);
    });

    test("hands out a key by its new tag only", async () => {
      const { a, b, pools, first, second } = await open();
      await a.pool.updateKey.execute("speech", first.secret, { tag: "red" });
      await sync(pools);
      expect(await inTurn(pools, "eastasia", "red")).toEqual([first.id, first.id]);
      await a.pool.updateKey.execute("speech", first.secret, { tag: "blue" });
      await sync(pools);
      expect(await handOut(b.pool, "eastasia", "red")).toBe("no-key");
      expect(await inTurn(pools, "eastasia", "blue")).toEqual([first.id, first.id]);
      expect((await inTurn(pools)).toSorted()).toEqual([first.id, second.id]);
    });

    test("knows a deleted key no more, and its secret's next key by the new id", async () => {
      const { a, b, pools, first, second } = await open();
      await a.pool.deleteKey.execute("speech", first.secret);
      await sync(pools);
      expect(await inTurn(pools)).toEqual([second.id, second.id]);
      await expect(report(b.pool, first, 429)).rejects.toMatchObject({ code: "key_not_found" });
      const again = await a.pool.addKey.execute({ ...first, enabled: false });
      await sync(pools);
      await report(b.pool, first, 200);
      const { entries } = await b.pool.listLogs.execute({ services: ["speech", null], offset: 0, limit: 1 });
      expect(entries[0]).toMatchObject({ action: "set_status", keyId: again.id });
    });

    test("knows the next key of a secret when the one before was deleted in one go", async () => {
      const { a, b, pools, first } = await open();
      await a.pool.deleteKey.execute("speech", first.secret);
      await a.pool.addKey.execute(first);
      await sync(pools);
      b.keys.break("findBySecret", "get");
      expect(await report(b.pool, first, 200)).toMatchObject({ action: "keep_enabled" });
    });

    test("leaves a disabled key out, and takes it back when it is enabled", async () => {
      const { a, b, pools, first, second } = await open();
      await a.pool.disableKey.execute("speech", first.secret);
      await sync(pools);
      expect(await inTurn(pools)).toEqual([second.id, second.id]);
      expect(await report(b.pool, first, 429)).toMatchObject({ action: "skip", reason: "disabled" });
      await a.pool.enableKey.execute("speech", first.secret);
      await sync(pools);
      expect((await inTurn(pools)).toSorted()).toEqual([first.id, second.id]);
    });

    test("uses settings that another instance has changed", async () => {
      const { a, b, pools, clock, first, second } = await open();
      await a.pool.settings.saveAll([
        { name: "cooldown_codes", value: "429,500" },
        { name: "cooldown_seconds", value: "7" },
        { name: "key_rotation_strategy", value: "sticky" },
      ]);
      await sync(pools);
      expect(await inTurn(pools)).toEqual([first.id, first.id]);
      expect(await report(b.pool, first, 500)).toMatchObject({ action: "cooldown" });
      expect(await inTurn(pools)).toEqual([second.id, second.id]);
      expect(await report(b.pool, second, 500)).toMatchObject({ action: "cooldown" });
      clock.advance(6_999);
      expect(await handOut(b.pool)).toBe("all-away");
      clock.advance(1);
      expect(await handOut(b.pool)).toBe(first.id);
      await a.pool.settings.restore("cooldown_codes");
      await sync(pools);
      clock.advance(60_000);
      expect(await report(b.pool, first, 500)).toMatchObject({ action: "log" });
    });
  });
}
