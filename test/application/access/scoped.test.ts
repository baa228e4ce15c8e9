import { beforeEach, describe, expect, it } from "vitest";
import { createInMemoryPorts, ManualClock } from "../../../src/adapters/in-memory/index.ts";
import { createKeyPool, type KeyPool } from "../../../src/application/index.ts";
import type { Key, Scope } from "../../../src/domain/index.ts";
import { JOBS_BY_HAND, secretOf } from "../../../src/testing/pool.ts";

const EAST: Scope = { services: ["speech"], regions: ["eastasia"] };
const GOLD: Scope = { tags: ["silver", "gold"] };

let clock: ManualClock;
let pool: KeyPool;
let east: Key;
let gold: Key;
let west: Key;
let translation: Key;

beforeEach(async () => {
  clock = new ManualClock();
  pool = createKeyPool({ ...createInMemoryPorts(clock), scheduler: JOBS_BY_HAND });
  await pool.start();
  const add = (
    number: number,
    region: string,
    tag: string | null = null,
    service: Key["service"] = "speech",
  ) => pool.addKey.execute({ service, secret: secretOf(number), region, tag });
  east = await add(1, "eastasia");
  gold = await add(2, "eastasia", "gold");
  west = await add(3, "westus");
  translation = await add(4, "eastasia", null, "translation");
});

const idsOf = (keys: readonly Key[]) => keys.map(({ id }) => id);
const take = async (scope: Scope, region = "eastasia", tag?: string) => {
  const turn = await pool.handOutKey.execute({ service: "speech", region, ...(tag && { tag }) }, scope);
  return turn.status === "handed-out" ? turn.key.id : turn.status;
};

describe("a hand-out", () => {
  it("comes from the scope, and a pool outside of it is one without keys", async () => {
    expect([await take(EAST), await take(EAST), await take(EAST, "westus")]).toEqual([
      east.id,
      gold.id,
      "no-key",
    ]);
    const other = { service: "translation", region: "eastasia" } as const;
    expect(await pool.handOutKey.execute(other, EAST)).toEqual({ status: "no-key", poolSize: 0 });
    expect(await pool.handOutKey.execute({ service: "speech", region: "westus" }, EAST)).toEqual({
      status: "no-key",
      poolSize: 0,
    });
  });

  it("by a scope of tags gives a key with one of them", async () => {
    expect([await take(GOLD), await take(GOLD)]).toEqual([gold.id, gold.id]);
    expect([await take(GOLD, "eastasia", "gold"), await take(GOLD, "eastasia", "bronze")]).toEqual([
      gold.id,
      "no-key",
    ]);
    await pool.reportCode.execute({ service: "speech", secret: gold.secret, code: 429 });
    expect(await take(GOLD)).toBe("all-away");
  });
});

describe("a key outside of the scope", () => {
  it("is as one that is not there, whatever is asked of it", async () => {
    for (const act of [
      () => pool.reportCode.execute({ service: "speech", secret: west.secret, code: 401 }, EAST),
      () => pool.updateKey.execute("speech", west.secret, { name: "mine" }, EAST),
      () => pool.deleteKey.execute("speech", String(west.id), EAST),
      () => pool.enableKey.execute("speech", String(west.id), EAST),
      () => pool.disableKey.execute("speech", west.secret, EAST),
      () => pool.disableKey.execute("translation", translation.secret, EAST),
    ]) {
      await expect(act()).rejects.toMatchObject({ code: "key_not_found", message: "Key not found" });
    }
    expect(await take({}, "westus")).toBe(west.id);
  });

  it("is not made: neither added, nor moved or tagged out of it, nor imported", async () => {
    const fields = { service: "speech", secret: secretOf(9), region: "westus" } as const;
    await expect(pool.addKey.execute(fields, EAST)).rejects.toMatchObject({ code: "forbidden" });
    for (const [key, change, scope] of [
      [east, { region: "westus" }, EAST],
      [gold, { tag: "bronze" }, GOLD],
      [gold, { tag: null }, GOLD],
    ] as const) {
      await expect(pool.updateKey.execute("speech", key.secret, change, scope)).rejects.toMatchObject({
        code: "forbidden",
      });
    }
    expect((await pool.updateKey.execute("speech", gold.secret, { tag: "silver" }, GOLD)).tag).toBe("silver");
  });

  it("fails in an import, and is not overwritten by one", async () => {
    const row = (number: number, region: string) => ({ secret: secretOf(number), region });
    const parts = [[row(8, "westus"), row(9, "eastasia"), row(3, "eastasia"), row(1, "eastasia")]];
    const verdict = await pool.validateImport.execute("speech", parts, EAST);
    expect(verdict.problems).toMatchObject([{ index: 0, field: "region" }]);
    const { results } = await pool.importKeys.execute({
      service: "speech",
      parts,
      options: { validateBeforeCreate: false, overwriteExisting: true },
      scope: EAST,
    });
    expect(results.map(({ status }) => status)).toEqual(["failed", "created", "skipped", "updated"]);
    expect(results[2]).not.toHaveProperty("id");
    expect(await take({}, "westus")).toBe(west.id);
  });
});

describe("a listing", () => {
  it("holds the scope's keys only, in pages and whole", async () => {
    const { keys, total } = await pool.listKeys.execute({ service: "speech", offset: 1, limit: 1 }, EAST);
    expect([idsOf(keys), total]).toEqual([[gold.id], 2]);
    expect(await pool.listKeys.execute({ service: "translation" }, EAST)).toMatchObject({
      keys: [],
      total: 0,
    });
    const all: number[] = [];
    for await (const page of pool.listKeys.all({ service: "speech" }, GOLD).pages) all.push(...idsOf(page));
    expect(all).toEqual([gold.id]);
  });

  it("counts the scope's keys only", async () => {
    await pool.reportCode.execute({ service: "speech", secret: west.secret, code: 429 });
    await pool.reportCode.execute({ service: "speech", secret: gold.secret, code: 401 });
    const { counts, cooling } = await pool.readStatistics.execute("speech", EAST);
    expect(counts).toEqual({ enabled: 1, cooldown: 0, disabled: 1 });
    for await (const page of cooling) expect(page).toEqual([]);
  });

  it("of the log holds what concerns the scope's keys, deleted ones included, and no settings", async () => {
    await pool.settings.save({ name: "cooldown_seconds", value: "60" });
    await pool.deleteKey.execute("speech", east.secret);
    await pool.deleteKey.execute("speech", west.secret);
    const logged = async (scope: Scope) => {
      const query = { services: ["speech", "translation", null], offset: 0, limit: 50 } as const;
      return (await pool.listLogs.execute(query, scope)).entries.map(({ action, keyId }) => [action, keyId]);
    };
    expect(await logged(EAST)).toEqual([
      ["delete_key", east.id],
      ["add_key", gold.id],
      ["add_key", east.id],
    ]);
    expect(await logged(GOLD)).toEqual([["add_key", gold.id]]);
  });
});

describe("lists of a scope", () => {
  it("are sorted, searched and paged like whole ones", async () => {
    await pool.updateKey.execute("speech", String(east.id), { name: "b" });
    await pool.updateKey.execute("speech", String(gold.id), { name: "c" });
    await pool.updateKey.execute("speech", String(west.id), { name: "a" });
    const sort = { by: "name", descending: true } as const;
    const page = await pool.listKeys.execute({ service: "speech", sort, limit: 1 }, EAST);
    expect([idsOf(page.keys), page.total]).toEqual([[gold.id], 2]);
    const next = await pool.listKeys.execute({ service: "speech", sort, limit: 1, offset: 1 }, EAST);
    expect(idsOf(next.keys)).toEqual([east.id]);
    const found = await pool.listKeys.execute({ service: "speech", text: "GOL", limit: 9 }, EAST);
    expect(idsOf(found.keys)).toEqual([gold.id]);
  });

  it("hold its pools, counted by its keys", async () => {
    const counted = async (scope: Scope) =>
      (await pool.readPools.execute(scope)).map(({ service, region, enabled }) => [service, region, enabled]);
    expect(await counted(EAST)).toEqual([["speech", "eastasia", 2]]);
    expect(await counted(GOLD)).toEqual([["speech", "eastasia", 1]]);
    expect(await counted({})).toHaveLength(3);
  });

  it("counts its reports, and those of nothing else", async () => {
    for (const { service, secret } of [east, gold, west, translation]) {
      await pool.reportCode.execute({ service, secret, code: 200 });
    }
    const counted = async (scope: Scope, region?: string) => {
      const query = {
        services: ["speech", "translation"],
        from: 0,
        to: clock.now(),
        bucketMs: 1000,
      } as const;
      const counts = await pool.countReports.execute(
        { ...query, ...(region && { regions: [region] }) },
        scope,
      );
      return counts.map((count) => [count.region, count.total]);
    };
    expect(await counted({})).toEqual([
      ["eastasia", 3],
      ["westus", 1],
    ]);
    expect(await counted(EAST)).toEqual([["eastasia", 2]]);
    expect(await counted(GOLD)).toEqual([["eastasia", 1]]);
    expect(await counted(EAST, "westus")).toEqual([]);
    expect(await counted({ services: ["translation"] })).toEqual([["eastasia", 1]]);
  });

  it("and single keys, hide what is outside", async () => {
    expect((await pool.showKey.execute("speech", String(east.id), EAST)).key.id).toBe(east.id);
    for (const act of [
      () => pool.showKey.execute("speech", String(west.id), EAST),
      () => pool.testKey.ofPool("speech", west.secret, { kind: "synthesis" }, undefined, EAST),
    ]) {
      await expect(act()).rejects.toMatchObject({ code: "key_not_found" });
    }
  });
});
