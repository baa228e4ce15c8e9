import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { REJECTED, type Scenario, WORKS } from "../../../src/adapters/azure-emulator/index.ts";
import { createInMemoryPorts, InMemoryDatabase, ManualClock } from "../../../src/adapters/in-memory/index.ts";
import type { KeyPool, Ports } from "../../../src/application/index.ts";
import type { Key, SpeechProbe } from "../../../src/domain/index.ts";
import { type Breakable, breakable } from "../../../src/testing/breakable.ts";
import { handOut, logged, openWorld, report, type World } from "../../../src/testing/pool.ts";
import { until } from "../../../src/testing/until.ts";
import { type Azure, openAzure } from "../../situations/azure.ts";

const MINUTE = 60_000;

describe("re-checking keys that a code disabled", () => {
  let azure: Azure;
  let database: InMemoryDatabase;
  let world: World;
  let pool: KeyPool;
  let clock: ManualClock;
  let speech: Breakable<SpeechProbe>;

  beforeAll(async () => {
    azure = await openAzure();
  });
  afterAll(() => azure.emulator.close());
  beforeEach(async () => {
    azure.emulator.clearRequests();
    database = new InMemoryDatabase();
    clock = new ManualClock();
    speech = breakable(azure.probes.speechProbe);
    world = await open();
    pool = world.pool;
    await pool.settings.save({ name: "recheck_interval_minutes", value: "10" });
  });

  /** A process of its own on the same database, with a cooldown store of its own or a shared one. */
  const open = (shared: Partial<Pick<Ports, "cooldowns">> = {}) => {
    const probes = { ...azure.probes, speechProbe: speech.port };
    return openWorld(clock, { ...createInMemoryPorts(clock, database), ...probes, ...shared });
  };
  const dead = async (scenario: Scenario, region = "eastasia", service: Key["service"] = "speech") => {
    const secret = azure.secretFor(scenario);
    const key = await pool.addKey.execute({ service, secret, region });
    await report(pool, key, 401);
    return key;
  };
  const standingOf = async ({ id }: Key) => (await world.ports.keys.get(id))?.standing;
  const asked = (kind: "synthesis" | "translation" = "synthesis") => azure.emulator.requests({ kind }).length;
  /** Begins a re-check and stops it while Azure is being asked. */
  const beginRecheck = async () => {
    speech.hold("synthesize");
    const running = pool.jobs.run("re-check keys");
    await until(() => speech.held > 0);
    return async () => {
      speech.release();
      return running;
    };
  };

  test("it is off unless asked for", async () => {
    await pool.settings.restore("recheck_interval_minutes");
    await dead(WORKS);
    clock.advance(100 * MINUTE);
    expect(await pool.jobs.run("re-check keys")).toBe(0);
    expect(asked()).toBe(0);
  });

  test.each(["speech", "translation"] as const)("a %s key that works again is enabled", async (service) => {
    const key = await dead(WORKS, "eastasia", service);
    clock.advance(10 * MINUTE - 1);
    expect(await pool.jobs.run("re-check keys")).toBe(0);
    clock.advance(1);
    expect(await pool.jobs.run("re-check keys")).toBe(1);
    expect(await standingOf(key)).toMatchObject({ status: "enabled", generation: 1 });
    const note = expect.stringMatching(/^re-check: (TTS|Translation) 200 in 0 ms: the key works$/);
    expect((await logged(pool, service)).slice(0, 2)).toMatchObject([
      { action: "enable_key", keyId: key.id, statusCode: 200, note, actor: "system" },
      { action: "test", keyId: key.id, statusCode: 200, note, actor: "system" },
    ]);
    const turn = await pool.handOutKey.execute({ service, region: "eastasia" });
    expect(turn.status).toBe("handed-out");
    expect(await pool.jobs.run("re-check keys")).toBe(0);
  });

  test("a key that a person disabled is left alone", async () => {
    const key = await dead(WORKS);
    await pool.disableKey.execute("speech", key.secret);
    clock.advance(100 * MINUTE);
    expect(await pool.jobs.run("re-check keys")).toBe(0);
    expect(asked()).toBe(0);
  });

  test("a key that is still dead is asked about after gaps that double, up to a day", async () => {
    await dead(REJECTED);
    const at: number[] = [];
    for (let minute = 1; minute <= 4 * 1440; minute++) {
      clock.advance(MINUTE);
      const before = asked();
      await pool.jobs.run("re-check keys");
      if (asked() > before) at.push(minute);
    }
    const gaps = at.map((minute, index) => minute - (at[index - 1] ?? 0));
    expect(gaps).toEqual([10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440]);
    const rows = await logged(pool);
    expect(rows.filter(({ action }) => action === "test")).toHaveLength(gaps.length);
    expect(rows.filter(({ action }) => action === "disable_key")).toHaveLength(1);
  });

  test("the gaps begin anew for a key that is disabled again", async () => {
    const key = await dead({ kind: "script", steps: [REJECTED, REJECTED, WORKS] });
    for (let i = 0; i < 2; i++) {
      clock.advance(20 * MINUTE);
      await pool.jobs.run("re-check keys");
    }
    await pool.enableKey.execute("speech", key.secret);
    await report(pool, key, 403);
    clock.advance(10 * MINUTE);
    expect(await pool.jobs.run("re-check keys")).toBe(1);
  });

  test("one key of a pool is asked about at a time, different pools at once", async () => {
    for (let i = 0; i < 3; i++) await dead(WORKS);
    await dead(WORKS, "westus");
    clock.advance(10 * MINUTE);
    speech.hold("synthesize");
    const running = pool.jobs.run("re-check keys");
    await until(() => speech.held === 2);
    await new Promise(setImmediate);
    expect(speech.held).toBe(2);
    speech.release();
    expect(await running).toBe(4);
  });

  test("without a verdict the key stays as it is and the rest of its pool waits", async () => {
    const key = await dead({ kind: "drop", when: "accepted" });
    const other = await dead(WORKS);
    const before = await standingOf(key);
    clock.advance(10 * MINUTE);
    expect(await pool.jobs.run("re-check keys")).toBe(0);
    expect(await standingOf(key)).toEqual(before);
    expect(asked()).toBe(1);
    clock.advance(MINUTE);
    expect(await pool.jobs.run("re-check keys")).toBe(1);
    expect(await standingOf(other)).toMatchObject({ status: "enabled" });
  });

  test("no further key is asked about once the pool is being stopped", async () => {
    for (let i = 0; i < 2; i++) await dead(WORKS);
    clock.advance(10 * MINUTE);
    speech.hold("synthesize");
    const running = pool.jobs.run("re-check keys");
    await until(() => speech.held > 0);
    const stopping = pool.stop();
    await new Promise(setImmediate);
    speech.release();
    expect(await running).toBe(1);
    await stopping;
  });

  describe("I5 only a standing that is unchanged since the probe began is enabled", () => {
    let key: Key;
    beforeEach(async () => {
      key = await dead(WORKS);
      clock.advance(10 * MINUTE);
    });

    test("a person disables the key meanwhile", async () => {
      const finish = await beginRecheck();
      await pool.disableKey.execute("speech", key.secret);
      expect(await finish()).toBe(0);
      expect(await standingOf(key)).toMatchObject({ status: "disabled", disabledBy: "person" });
      expect(await handOut(pool)).toBe("no-key");
    });

    test("a person disables the key in another process meanwhile", async () => {
      const other = await open();
      const finish = await beginRecheck();
      await other.pool.disableKey.execute("speech", key.secret);
      expect(await finish()).toBe(0);
      expect(await standingOf(key)).toMatchObject({ status: "disabled", disabledBy: "person" });
      expect([await handOut(pool), await handOut(other.pool)]).toEqual(["no-key", "no-key"]);
      expect((await logged(pool)).map(({ action }) => action)).not.toContain("enable_key");
    });

    test("a person disables the key in a process that shares the store, and it is not durable yet", async () => {
      const other = await open({ cooldowns: world.ports.cooldowns });
      other.keys.hold("settle");
      const finish = await beginRecheck();
      const disabling = other.pool.disableKey.execute("speech", key.secret);
      await until(() => other.keys.held > 0);
      expect(await finish()).toBe(0);
      expect(await handOut(pool)).toBe("no-key");
      other.keys.release();
      await disabling;
      expect(await standingOf(key)).toMatchObject({
        status: "disabled",
        disabledBy: "person",
        generation: 0,
      });
    });

    test("a person disables the key while the permission is being committed", async () => {
      world.keys.hold("settle");
      const running = pool.jobs.run("re-check keys");
      await until(() => world.keys.held > 0);
      expect(await handOut(pool)).toBe("no-key");
      const disabling = pool.disableKey.execute("speech", key.secret);
      world.keys.release();
      await Promise.all([running, disabling]);
      expect(await standingOf(key)).toMatchObject({ status: "disabled", disabledBy: "person" });
      expect(await handOut(pool)).toBe("no-key");
    });

    test("a person enables it and a code disables it again meanwhile", async () => {
      const finish = await beginRecheck();
      await pool.enableKey.execute("speech", key.secret);
      await report(pool, key, 401);
      expect(await finish()).toBe(0);
      expect(await standingOf(key)).toMatchObject({ status: "disabled", generation: 1 });
    });

    test("it is moved to another region meanwhile, where it has not been asked about", async () => {
      const finish = await beginRecheck();
      await pool.updateKey.execute("speech", key.secret, { region: "westus" });
      expect(await finish()).toBe(0);
      expect(await handOut(pool, "westus")).toBe("no-key");
    });

    test("it is deleted meanwhile", async () => {
      const finish = await beginRecheck();
      await pool.deleteKey.execute("speech", key.secret);
      expect(await finish()).toBe(0);
    });

    test("the storage refuses it: nothing has happened, and the next turn makes up for it", async () => {
      world.keys.break("settle");
      await expect(pool.jobs.run("re-check keys")).rejects.toMatchObject({ code: "storage_unavailable" });
      expect(await handOut(pool)).toBe("no-key");
      world.keys.mend();
      expect(await standingOf(key)).toMatchObject({ status: "disabled" });
      clock.advance(10 * MINUTE);
      expect(await pool.jobs.run("re-check keys")).toBe(1);
      expect(await handOut(pool)).toBe(key.id);
    });
  });
});
