import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "../adapters/in-memory/index.ts";
import type { KeyPool, Ports } from "../application/index.ts";
import { DomainError, type Key } from "../domain/index.ts";
import { addKeys, handOut, logged, openWorld, report, type World } from "./pool.ts";
import { until } from "./until.ts";

/** Storage that outlives a process: `open` is a start, and may be called again for a restart. */
export interface OpenRestartable {
  open(clock: ManualClock): Promise<Ports>;
  /** Ends the process that opened it last. */
  stop(): Promise<void>;
  destroy(): Promise<void>;
}

/** The invariants of the whole application, over any set of adapters. */
export function describeKeyPool(name: string, create: () => Promise<OpenRestartable>): void {
  describe(`the pool on ${name}`, () => {
    let storage: OpenRestartable;
    let world: World;
    let pool: KeyPool;
    let clock: ManualClock;

    beforeEach(async () => {
      storage = await create();
      await start(new ManualClock());
    });
    afterEach(() => storage.destroy());

    const start = async (at: ManualClock) => {
      clock = at;
      world = await openWorld(clock, await storage.open(clock));
      pool = world.pool;
    };
    const restart = async () => {
      await storage.stop();
      await start(clock);
    };
    const one = async () => (await addKeys(pool, 1))[0] as Key;

    test("I1 a key that rests, is disabled, deleted or moved is not handed out once that was answered", async () => {
      const [resting, dead, disabled, deleted, moved, good] = (await addKeys(pool, 6)) as [
        Key,
        Key,
        Key,
        Key,
        Key,
        Key,
      ];
      await report(pool, resting, 429);
      await report(pool, dead, 401);
      await pool.disableKey.execute("speech", String(disabled.id));
      await pool.deleteKey.execute("speech", deleted.secret);
      await pool.updateKey.execute("speech", moved.secret, { region: "westus" });
      for (let i = 0; i < 6; i++) expect(await handOut(pool)).toBe(good.id);
      expect(await handOut(pool, "westus")).toBe(moved.id);
    });

    test("I1 no hand-out during a storm of reports is of a key whose report was answered before", async () => {
      const keys = await addKeys(pool, 20);
      const restricted = new Set<number>();
      const acts = keys.map(async (key, i) => {
        const outcome = await report(pool, key, i % 2 ? 429 : 401);
        expect(outcome.statusChanged).toBe(true);
        restricted.add(key.id);
      });
      const handOuts = Array.from({ length: 100 }, async () => {
        const before = new Set(restricted);
        const turn = await handOut(pool);
        expect(before.has(turn as number)).toBe(false);
      });
      await Promise.all([...acts, ...handOuts]);
    });

    test("I2 one cooldown per storm: 200 concurrent 429s start exactly one", async () => {
      const key = await one();
      const outcomes = await Promise.all(Array.from({ length: 200 }, () => report(pool, key, 429)));
      expect(outcomes.filter(({ statusChanged }) => statusChanged)).toHaveLength(1);
      expect(outcomes.filter(({ action }) => action === "skip")).toHaveLength(199);
      expect((await logged(pool)).filter(({ action }) => action === "cooldown_start")).toHaveLength(1);
    });

    test("I2 the deadline does not move by reports or changes of settings", async () => {
      const key = await one();
      await report(pool, key, 429);
      clock.advance(100_000);
      await pool.settings.save({ name: "cooldown_seconds", value: "9000" });
      await report(pool, key, 429);
      clock.advance(199_999);
      expect(await handOut(pool)).toBe("all-away");
      clock.advance(1);
      expect(await handOut(pool)).toBe(key.id);
    });

    test("I2 I3 I4 a Retry-After sets the deadline of the cooldown that it starts, also after a restart", async () => {
      const { id, service, secret } = await one();
      const asked = (retryAfter: number | string) =>
        pool.reportCode.execute({ service, secret, code: 429, retryAfter });
      expect(await asked(new Date(clock.now() + 20_000).toUTCString())).toMatchObject({ action: "cooldown" });
      expect(await asked(3000)).toMatchObject({ action: "skip", reason: "cooling" });
      await restart();
      clock.advance(19_999);
      expect(await handOut(pool)).toBe("all-away");
      clock.advance(1);
      expect(await handOut(pool)).toBe(id);
      expect(await asked(3000)).toMatchObject({ action: "skip", reason: "protected" });
      await expect(asked("soon")).rejects.toMatchObject({ problems: [{ field: "retryAfter" }] });
    });

    test("a limit that a key was given is there after a restart, and is no matter to hand-outs", async () => {
      const { id } = await one();
      const reference = String(id);
      await pool.updateKey.execute("speech", reference, { maxInFlight: 1 });
      await pool.updateKey.execute("speech", reference, { name: "limited" });
      await restart();
      const { keys } = await pool.listKeys.execute({ service: "speech" });
      expect(keys).toMatchObject([{ id, name: "limited", maxInFlight: 1 }]);
      expect([await handOut(pool), await handOut(pool)]).toEqual([id, id]);
      await pool.updateKey.execute("speech", reference, { maxInFlight: null });
      await restart();
      expect((await pool.listKeys.execute({ service: "speech" })).keys).toMatchObject([
        { maxInFlight: null },
      ]);
      expect((await logged(pool)).map(({ note }) => note)).toContain("max_in_flight=1");
    });

    test("I3 a key is eligible at its deadline to the millisecond, also after a restart", async () => {
      const key = await one();
      await report(pool, key, 429);
      await restart();
      clock.advance(299_999);
      expect(await handOut(pool)).toBe("all-away");
      await restart();
      clock.advance(1);
      expect(await handOut(pool)).toBe(key.id);
    });

    test("I3 stopping changes no key", async () => {
      const [cooling, dead] = (await addKeys(pool, 2)) as [Key, Key];
      await report(pool, cooling, 429);
      await report(pool, dead, 403);
      const before = await pool.listKeys.execute({ service: "speech" });
      await pool.jobs.run("write usage");
      await pool.jobs.run("write owed changes");
      await restart();
      expect(await pool.listKeys.execute({ service: "speech" })).toEqual({
        ...before,
        keys: before.keys.map((key) => ({ ...key, errorCount: 1 })),
      });
    });

    test("I4 protection runs from the deadline although nothing happened then, also after a restart", async () => {
      const key = await one();
      await report(pool, key, 429);
      clock.advance(303_000);
      await restart();
      expect(await report(pool, key, 429)).toMatchObject({ action: "skip", reason: "protected" });
      clock.advance(2_000);
      expect(await report(pool, key, 429)).toMatchObject({ action: "cooldown", statusChanged: true });
    });

    test("I5 a manual disable survives any race with cooldown codes, restarts and deadlines", async () => {
      const keys = await addKeys(pool, 30);
      await Promise.all(
        keys.flatMap((key) => [
          report(pool, key, 429),
          pool.disableKey.execute("speech", key.secret),
          report(pool, key, 429),
        ]),
      );
      clock.advance(400_000);
      expect(await handOut(pool)).toBe("no-key");
      await restart();
      expect(await handOut(pool)).toBe("no-key");
      const { keys: listed } = await pool.listKeys.execute({ service: "speech", status: "disabled" });
      expect(listed.map(({ standing }) => standing)).toEqual(
        keys.map(() => expect.objectContaining({ disabledBy: "person" })),
      );
    });

    test("I5 a person's disable that overlaps an enable is not lost once the enable was answered first", async () => {
      const key = await one();
      await pool.disableKey.execute("speech", key.secret);
      const [enabled, disabled] = await Promise.allSettled([
        pool.enableKey.execute("speech", key.secret),
        pool.disableKey.execute("speech", key.secret),
      ]);
      expect([enabled.status, disabled.status]).toEqual(["fulfilled", "fulfilled"]);
      await pool.disableKey.execute("speech", key.secret);
      expect(await handOut(pool)).toBe("no-key");
      await restart();
      expect(await handOut(pool)).toBe("no-key");
    });

    test("I6 an answered write is there after the process ended without warning", async () => {
      const [cooling, dead, renamed, deleted] = (await addKeys(pool, 4)) as [Key, Key, Key, Key];
      await report(pool, cooling, 429, "slow down");
      await report(pool, dead, 401);
      await report(pool, renamed, 500, "broken");
      await pool.updateKey.execute("speech", renamed.secret, { name: "new name", tag: "t" });
      await pool.deleteKey.execute("speech", deleted.secret);
      await pool.settings.save({ name: "cooldown_seconds", value: "60" });
      await restart();
      const { keys } = await pool.listKeys.execute({ service: "speech" });
      expect(keys.map(({ id, name, tag }) => ({ id, name, tag }))).toEqual([
        { id: cooling.id, name: "key 1", tag: null },
        { id: dead.id, name: "key 2", tag: null },
        { id: renamed.id, name: "new name", tag: "t" },
      ]);
      expect((await pool.settings.read("cooldown_seconds")).value).toBe("60");
      expect((await logged(pool)).map(({ action, statusCode, note }) => [action, statusCode, note])).toEqual([
        ["update_config", null, "cooldown_seconds: 300 -> 60"],
        ["delete_key", null, null],
        ["update_key", null, "keyname=new name tag=t"],
        ["set_status", 500, "broken"],
        ["disable_key", 401, null],
        ["cooldown_start", 429, "slow down"],
        ...Array.from({ length: 4 }, () => ["add_key", null, null]),
      ]);
    });

    test("I6 a skip is answered only when the cooldown it rests on is durable", async () => {
      const key = await one();
      world.keys.hold("settle");
      const answers: string[] = [];
      const reports = [429, 429].map((code) =>
        report(pool, key, code).then(({ action }) => answers.push(action)),
      );
      await until(() => world.keys.held > 0);
      expect(await handOut(pool)).toBe("all-away");
      expect(answers).toEqual([]);
      world.keys.release();
      await Promise.all(reports);
      expect(answers.toSorted()).toEqual(["cooldown", "skip"]);
    });

    test("I6 a restriction the storage refuses is answered 503, stays in force and is written later", async () => {
      const [cooling, dead, deleted, moved] = (await addKeys(pool, 4)) as [Key, Key, Key, Key];
      world.keys.break("settle", "remove", "describe");
      for (const act of [
        () => report(pool, cooling, 429),
        () => report(pool, dead, 401),
        () => pool.deleteKey.execute("speech", deleted.secret),
        () => pool.updateKey.execute("speech", moved.secret, { region: "westus" }),
        () => report(pool, cooling, 429),
      ]) {
        await expect(act()).rejects.toMatchObject({ code: "storage_unavailable" });
      }
      expect(await handOut(pool)).toBe("all-away");
      expect(await handOut(pool, "westus")).toBe("no-key");
      expect(await pool.jobs.run("write owed changes")).toBe(4);
      expect((await pool.checkHealth.execute()).status).toBe("degraded");
      world.keys.mend();
      expect(await pool.jobs.run("write owed changes")).toBe(0);
      expect((await pool.checkHealth.execute()).status).toBe("healthy");
      expect(await report(pool, cooling, 429)).toMatchObject({ action: "skip", reason: "cooling" });
      expect(await handOut(pool, "westus")).toBe(moved.id);
      await restart();
      expect(await handOut(pool)).toBe("all-away");
      expect(await handOut(pool, "westus")).toBe(moved.id);
      const actions = (await logged(pool)).map(({ action }) => action);
      for (const action of ["cooldown_start", "disable_key", "delete_key", "update_key"] as const) {
        expect(actions.filter((one) => one === action)).toHaveLength(1);
      }
    });

    test("a permission the storage refuses has not happened", async () => {
      const key = await one();
      await pool.disableKey.execute("speech", key.secret);
      world.keys.break("settle", "add");
      await expect(pool.enableKey.execute("speech", key.secret)).rejects.toThrow(DomainError);
      await expect(addKeys(pool, 1, "westus")).rejects.toThrow(DomainError);
      world.keys.mend();
      await pool.jobs.run("write owed changes");
      expect(await handOut(pool)).toBe("no-key");
      expect(await handOut(pool, "westus")).toBe("no-key");
    });

    test("I7 no report is refused or lost because others are being made", async () => {
      const keys = await addKeys(pool, 50);
      const outcomes = await Promise.all(
        keys.flatMap((key, i) => [200, i === 7 ? 401 : 200, 500, 200].map((code) => report(pool, key, code))),
      );
      expect(outcomes.filter(({ statusChanged }) => statusChanged)).toHaveLength(1);
      expect((await logged(pool)).filter(({ statusCode }) => statusCode !== null)).toHaveLength(200);
      const { keys: disabled } = await pool.listKeys.execute({ service: "speech", status: "disabled" });
      expect(disabled.map(({ id }) => id)).toEqual([keys[7]?.id]);
    });

    test("I8 bad input changes nothing", async () => {
      const key = await one();
      const before = await Promise.all([pool.listKeys.execute({ service: "speech" }), logged(pool)]);
      const secret = "another-secret-of-good-length";
      for (const act of [
        () => pool.reportCode.execute({ service: "speech", secret: key.secret, code: "abc" }),
        () => pool.addKey.execute({ service: "speech", secret: "short", region: "eastasia" }),
        () => pool.addKey.execute({ service: "speech", secret, region: "127.0.0.1:9/x?" }),
        () => pool.addKey.execute({ service: "speech", secret, region: "eastasia", tag: "x".repeat(51) }),
        () => pool.addKey.execute({ service: "speech", secret, region: "eastasia", name: `my ${secret}` }),
        () => pool.updateKey.execute("speech", String(key.id), { tag: key.secret }),
        () => pool.updateKey.execute("speech", key.secret, {}),
        () => pool.updateKey.execute("speech", key.secret, { name: "ok", region: "a.b" }),
        () => pool.settings.save({ name: "cooldown_seconds", value: "abc" }),
        () =>
          pool.settings.saveAll([
            { name: "protection_period_seconds", value: "6" },
            { name: "cooldown_codes", value: "401" },
          ]),
      ]) {
        await expect(act()).rejects.toMatchObject({ code: "invalid_request" });
      }
      expect(await Promise.all([pool.listKeys.execute({ service: "speech" }), logged(pool)])).toEqual(before);
      expect((await pool.settings.read("protection_period_seconds")).value).toBe("5");
    });

    test("a secret is in the pool of a service once", async () => {
      const key = await one();
      const again = { secret: key.secret, region: "westus" };
      await expect(pool.addKey.execute({ service: "speech", ...again })).rejects.toMatchObject({
        code: "key_exists",
      });
      const translation = await pool.addKey.execute({ service: "translation", ...again });
      expect(translation.id).not.toBe(key.id);
      const racers = await Promise.allSettled(
        Array.from({ length: 5 }, () =>
          pool.addKey.execute({ service: "speech", secret: "raced-for-secret", region: "westus" }),
        ),
      );
      expect(racers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    });

    test("enabling and disabling are idempotent, and a repeat logs nothing", async () => {
      const key = await one();
      for (let i = 0; i < 3; i++) await pool.disableKey.execute("speech", key.secret);
      for (let i = 0; i < 3; i++) await pool.enableKey.execute("speech", String(key.id));
      expect((await logged(pool)).map(({ action }) => action)).toEqual([
        "enable_key",
        "disable_key",
        "add_key",
      ]);
      expect(await handOut(pool)).toBe(key.id);
    });

    test("a moved key takes its standing along", async () => {
      const key = await one();
      await report(pool, key, 429);
      await pool.updateKey.execute("speech", key.secret, { region: "westus" });
      expect(await handOut(pool)).toBe("no-key");
      expect(await handOut(pool, "westus")).toBe("all-away");
      clock.advance(300_000);
      expect(await handOut(pool, "westus")).toBe(key.id);
    });

    test("a report for a key that is being moved is neither lost nor undone by the move", async () => {
      const key = await one();
      world.keys.hold("describe");
      const move = pool.updateKey.execute("speech", key.secret, { region: "westus" });
      await until(() => world.keys.held > 0);
      expect(await handOut(pool)).toBe("no-key");
      const reported = report(pool, key, 401);
      world.keys.release();
      await move;
      expect(await reported).toMatchObject({ action: "disable" });
      expect(await handOut(pool, "westus")).toBe("no-key");
    });

    test("counters are added up and written apart", async () => {
      const key = await one();
      for (let i = 0; i < 3; i++) await handOut(pool);
      await Promise.all([report(pool, key, 200), report(pool, key, 500), report(pool, key, 429)]);
      await pool.jobs.run("write usage");
      const [listed] = (await pool.listKeys.execute({ service: "speech" })).keys;
      expect(listed).toMatchObject({ usageCount: 3, errorCount: 2, lastUsedAt: clock.now() });
      world.keys.break("addUsage");
      clock.advance(400_000);
      await handOut(pool);
      await expect(pool.jobs.run("write usage")).rejects.toThrow(DomainError);
      world.keys.mend();
      await pool.jobs.run("write usage");
      expect((await pool.listKeys.execute({ service: "speech" })).keys[0]).toMatchObject({ usageCount: 4 });
    });

    test("after a start the order is by last use, then by id", async () => {
      const keys = await addKeys(pool, 3);
      await handOut(pool);
      clock.advance(1);
      await handOut(pool);
      await pool.jobs.run("write usage");
      await restart();
      const [first, second, third] = keys.map(({ id }) => id);
      expect([await handOut(pool), await handOut(pool), await handOut(pool)]).toEqual([third, first, second]);
    });

    test("settings are in force at once and after a restart; restoring gives the default back", async () => {
      const key = await one();
      await pool.settings.saveAll([
        { name: "disable_codes", value: "" },
        { name: "cooldown_codes", value: "401" },
        { name: "my.note", value: "free text" },
      ]);
      await restart();
      expect(await report(pool, key, 401)).toMatchObject({ action: "cooldown" });
      expect(await pool.settings.restore("cooldown_codes")).toMatchObject({ value: "429" });
      await pool.settings.restore("my.note");
      await expect(pool.settings.read("my.note")).rejects.toMatchObject({ code: "setting_not_found" });
      clock.advance(400_000);
      expect(await report(pool, key, 401)).toMatchObject({ action: "log" });
    });

    test("the two services have pools of their own", async () => {
      const speech = await one();
      const translation = await pool.addKey.execute({
        service: "translation",
        secret: "a-translation-secret",
        region: "global",
      });
      await expect(
        pool.reportCode.execute({ service: "translation", secret: speech.secret, code: 401 }),
      ).rejects.toMatchObject({ code: "key_not_found" });
      await expect(pool.disableKey.execute("speech", String(translation.id))).rejects.toMatchObject({
        code: "key_not_found",
      });
      expect((await logged(pool, "translation")).map(({ action }) => action)).toEqual(["add_key"]);
    });
  });
}
