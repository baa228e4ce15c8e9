import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { InMemoryCooldownStore, ManualClock } from "../../../src/adapters/in-memory/index.ts";
import { type Database, openDatabase } from "../../../src/adapters/mikro-orm/index.ts";
import { MIGRATIONS } from "../../../src/adapters/mikro-orm/migrations/migrations.ts";
import { openNative } from "../../../src/adapters/mikro-orm/sqlite/native-sqlite.ts";
import { createKeyPool, type KeyPool } from "../../../src/application/index.ts";
import { FIRST_SCHEMA_FILE, FIXTURE_NOON, schemaOf, withFirstSchema } from "../../fixtures/first-schema.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const secretOf = (id: number) => `made-up-secret-${String(id).padStart(17, "0")}`;

describe("a file of the first schema", () => {
  let file: string;
  let database: Database;
  let clock: ManualClock;
  let pool: KeyPool;

  const open = async (keys = 9) => {
    database = await openDatabase({ url: `sqlite:${file}` });
    const { close } = database;
    onTestFinished(close);
    clock = new ManualClock(FIXTURE_NOON);
    pool = createKeyPool({ ...database, clock, cooldowns: new InMemoryCooldownStore(clock), health: [] });
    expect(await pool.start()).toMatchObject({ keys, badSettings: [] });
  };
  const handOuts = async (count: number, service: "speech" | "translation" = "speech") => {
    const region = service === "speech" ? "eastasia" : "global";
    const ids: (number | string)[] = [];
    for (let n = 0; n < count; n++) {
      const turn = await pool.handOutKey.execute({ service, region });
      ids.push(turn.status === "handed-out" ? turn.key.id : turn.status);
    }
    return ids;
  };
  const report = (id: number, code: number) =>
    pool.reportCode.execute({ service: "speech", secret: secretOf(id), code });

  beforeEach(async () => {
    file = join(temporaryFolder(), "keys.db");
    copyFileSync(FIRST_SCHEMA_FILE, file);
    await open();
  });

  it("is brought up to date, once", async () => {
    const native = openNative(file, { readonly: true });
    onTestFinished(() => native.close());
    const run = native.prepare("select name from migrations order by id").all([]);
    expect(run).toEqual(MIGRATIONS.map(({ name }) => ({ name })));
  });

  it("has its keys, whole and with their standings", async () => {
    const { keys, total } = await pool.listKeys.execute({ service: "speech" });
    expect(total).toBe(7);
    const rest = { cooldownUntil: 0, protectedUntil: 0, generation: 0 };
    expect(keys.map(({ id, name, standing }) => [id, name, standing])).toEqual([
      [1, "available", { status: "enabled", ...rest }],
      [2, "cooling", { status: "enabled", ...restUntil(300_000) }],
      [3, "protected", { status: "enabled", ...restUntil(-1000) }],
      [
        4,
        "停用 🔑",
        { status: "disabled", disabledBy: "person", disabledAt: FIXTURE_NOON - 60_000, ...rest },
      ],
      [5, "dead", { ...disabledByCode(401, FIXTURE_NOON - 50_000), ...restUntil(600_000) }],
      [6, "enabled again", { status: "enabled", ...rest, generation: 2 }],
      [7, "elsewhere", { status: "enabled", ...rest }],
    ]);
    expect(keys.map(({ maxInFlight }) => maxInFlight)).toEqual(keys.map(() => null));
    expect(keys[0]).toMatchObject({ secret: secretOf(1), usageCount: 3, lastUsedAt: FIXTURE_NOON - 3000 });
    expect(keys[5]).toMatchObject({ tag: "gold", region: "eastasia", createdAt: FIXTURE_NOON - 86_400_000 });
  });

  it("counts them by status", async () => {
    const { counts, cooling } = await pool.readStatistics.execute("speech");
    expect(counts).toEqual({ enabled: 4, cooldown: 1, disabled: 2 });
    for await (const keys of cooling) expect(keys.map(({ id }) => id)).toEqual([2]);
    expect((await pool.readStatistics.execute("translation")).counts).toMatchObject({
      enabled: 1,
      cooldown: 1,
    });
  });

  it("has its log, page by page and filtered", async () => {
    const logs = (query: object = {}) =>
      pool.listLogs.execute({ services: ["speech", null], offset: 0, limit: 50, ...query });
    expect(await logs()).toMatchObject({ total: 73, entries: { length: 50 } });
    expect((await logs({ offset: 50 })).entries).toHaveLength(23);
    expect((await logs({ action: "set_status", statusCode: 200, keyId: 1 })).total).toBe(60);
    expect((await logs({ statusCode: 401 })).entries).toMatchObject([
      { keyId: 5, note: "拒绝", actor: null },
    ]);
    expect((await logs({ action: "update_config" })).entries).toMatchObject([{ service: null, keyId: null }]);
    expect((await logs({ keyId: 10 })).entries).toMatchObject([
      { keyName: "deleted" },
      { keyName: "deleted" },
    ]);
    expect((await pool.listLogs.execute({ services: ["translation"], offset: 0, limit: 9 })).total).toBe(2);
  });

  it("has its settings, in force", async () => {
    expect(await pool.settings.read("cooldown_seconds")).toMatchObject({
      value: "120",
      description: "Ours",
    });
    expect(await pool.settings.read("team")).toMatchObject({ value: "语音" });
    await report(1, 429);
    const { keys } = await pool.listKeys.execute({ service: "speech", status: "cooldown" });
    expect(keys[0]?.standing.cooldownUntil).toBe(FIXTURE_NOON + 120_000);
  });

  it("I1 I3 I5 hands out by last use, and nothing that rests or is disabled", async () => {
    expect(await handOuts(4)).toEqual([6, 3, 1, 6]);
    expect(await handOuts(2, "translation")).toEqual([8, 8]);
    clock.advance(299_999);
    expect(await handOuts(3)).not.toContain(2);
    clock.advance(1);
    expect(await handOuts(4)).toContain(2);
    clock.advance(3_600_000);
    expect((await handOuts(8)).toSorted()).toEqual([1, 1, 2, 2, 3, 3, 6, 6]);
  });

  it("I4 protects what was protected, and skips what rests", async () => {
    expect(await report(3, 429)).toMatchObject({ action: "skip", reason: "protected" });
    expect(await report(2, 429)).toMatchObject({ action: "skip", reason: "cooling" });
    expect(await report(5, 429)).toMatchObject({ action: "skip", reason: "disabled" });
    clock.advance(4000);
    expect(await report(3, 429)).toMatchObject({ action: "cooldown" });
  });

  it("can be written to, and read again after a restart", async () => {
    const draft = { service: "speech", secret: "made-up-secret-new", region: "eastasia" } as const;
    expect((await pool.addKey.execute(draft)).id).toBe(11);
    await expect(pool.addKey.execute({ ...draft, secret: secretOf(1) })).rejects.toMatchObject({
      code: "key_exists",
    });
    await pool.enableKey.execute("speech", "5");
    await report(1, 403);
    await database.close();
    await open(10);
    const { entries } = await pool.listLogs.execute({ services: ["speech"], offset: 0, limit: 1 });
    expect(entries).toMatchObject([{ action: "disable_key", statusCode: 403, actor: "caller" }]);
    expect((await pool.listKeys.execute({ service: "speech", status: "disabled" })).total).toBe(2);
    expect(new Set(await handOuts(8))).toEqual(new Set([3, 5, 6, 11]));
  });
});

it("the first migration still makes what it made", async () => {
  const folder = temporaryFolder();
  const made = await withFirstSchema(join(folder, "fresh.db"), schemaOf);
  copyFileSync(FIRST_SCHEMA_FILE, join(folder, "fixture.db"));
  const native = openNative(join(folder, "fixture.db"), {});
  onTestFinished(() => native.close());
  expect(schemaOf(native)).toEqual(made);
});

function restUntil(ms: number) {
  const cooldownUntil = FIXTURE_NOON + ms;
  return { cooldownUntil, protectedUntil: cooldownUntil + 5000, generation: 0 };
}

function disabledByCode(disabledCode: number, disabledAt: number) {
  return { status: "disabled", disabledBy: "code", disabledCode, disabledAt };
}
