import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { REJECTED, WORKS } from "../../../src/adapters/azure-emulator/index.ts";
import { createInMemoryPorts, ManualClock } from "../../../src/adapters/in-memory/index.ts";
import type { KeyPool } from "../../../src/application/index.ts";
import type { SpeechProbe } from "../../../src/domain/index.ts";
import { type Breakable, breakable } from "../../../src/testing/breakable.ts";
import { handOut, logged, openWorld, report } from "../../../src/testing/pool.ts";
import { until } from "../../../src/testing/until.ts";
import { type Azure, openAzure } from "../../situations/azure.ts";

describe("testing a key", () => {
  let azure: Azure;
  let pool: KeyPool;
  let speech: Breakable<SpeechProbe>;

  beforeAll(async () => {
    azure = await openAzure();
  });
  afterAll(() => azure.emulator.close());
  beforeEach(async () => {
    const clock = new ManualClock();
    speech = breakable(azure.probes.speechProbe);
    pool = (await openWorld(clock, { ...createInMemoryPorts(clock), speechProbe: speech.port })).pool;
  });

  const add = (secret: string) => pool.addKey.execute({ service: "speech", secret, region: "eastasia" });
  const begin = async (secret: string) => {
    speech.hold("synthesize");
    const running = pool.testKey.execute({ kind: "synthesis", secret, region: "eastasia" });
    await until(() => speech.held > 0);
    return async () => {
      speech.release();
      return running;
    };
  };

  test("a cause is listed before its effect, newest first", async () => {
    const { secret } = await add(azure.secretFor(REJECTED));
    await pool.testKey.execute({ kind: "synthesis", secret, region: "eastasia" });
    expect((await logged(pool)).map(({ action }) => action)).toEqual(["disable_key", "test", "add_key"]);
  });

  test("a key that is added during its test is judged by it", async () => {
    const secret = azure.secretFor(REJECTED);
    const finish = await begin(secret);
    await add(secret);
    expect((await finish()).statusUpdate).toMatchObject({ action: "disable", statusChanged: true });
    expect(await handOut(pool)).toBe("no-key");
  });

  test("a key that is deleted or moved during its test is none of its business", async () => {
    const deleted = await add(azure.secretFor(REJECTED));
    const afterDelete = await begin(deleted.secret);
    await pool.deleteKey.execute("speech", deleted.secret);
    expect(await afterDelete()).toMatchObject({ statusUpdate: null, warning: "not_registered" });
    const moved = await add(azure.secretFor(REJECTED));
    const afterMove = await begin(moved.secret);
    await pool.updateKey.execute("speech", moved.secret, { region: "westus" });
    expect(await afterMove()).toMatchObject({ statusUpdate: null, warning: "other_region" });
    expect(await handOut(pool, "westus")).toBe(moved.id);
  });

  test("I5 no working test enables a disabled key", async () => {
    const key = await add(azure.secretFor(WORKS));
    await report(pool, key, 401);
    const { secret } = key;
    const { statusUpdate } = await pool.testKey.execute({ kind: "synthesis", secret, region: "eastasia" });
    expect(statusUpdate).toEqual({ action: "log", statusChanged: false });
    expect(await handOut(pool)).toBe("no-key");
  });

  test("many tests of one key at once start one cooldown", async () => {
    const { secret } = await add(azure.secretFor({ kind: "refuse", status: 429 }));
    const tests = Array.from({ length: 20 }, () =>
      pool.testKey.execute({ kind: "synthesis", secret, region: "eastasia" }),
    );
    const outcomes = await Promise.all(tests);
    expect(outcomes.filter(({ statusUpdate }) => statusUpdate?.statusChanged)).toHaveLength(1);
    const actions = (await logged(pool)).map(({ action }) => action);
    expect(actions.filter((action) => action === "cooldown_start")).toHaveLength(1);
    expect(actions.filter((action) => action === "test")).toHaveLength(20);
  });

  test("a probe that fails frees its place", async () => {
    const { secret } = await add(azure.secretFor(WORKS));
    await pool.settings.save({ name: "max_concurrent_requests", value: "1" });
    speech.break("synthesize");
    const ask = () => pool.testKey.execute({ kind: "synthesis", secret, region: "eastasia" });
    await expect(ask()).rejects.toThrow();
    speech.mend();
    expect((await ask()).probed.verdict.code).toBe(200);
  });
});
