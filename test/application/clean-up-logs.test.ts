import { beforeEach, expect, test } from "vitest";
import type { CleanUpLogs } from "../../src/application/index.ts";
import { logged, openWorld, type World } from "../../src/testing/pool.ts";
import { logDraft } from "../../src/testing/storage.ts";

const DAY_MS = 86_400_000;

let world: World;
let cleanUp: CleanUpLogs;
beforeEach(async () => {
  world = await openWorld();
  cleanUp = world.pool.cleanUpLogs;
});

/** Lets `count` rows come in now. */
async function rows(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await world.ports.log.append(logDraft({ at: world.clock.now() }));
}

async function keep(days: number, most: number): Promise<void> {
  await world.pool.saveSettings.execute([
    { name: "log_retention_days", value: String(days) },
    { name: "log_max_rows", value: String(most) },
  ]);
}

test("what is older than the settings say goes, to the millisecond", async () => {
  await rows(2);
  world.clock.advance(1);
  await rows(3);
  world.clock.advance(30 * DAY_MS);
  expect(await cleanUp.execute()).toBe(2);
  expect(await logged(world.pool)).toHaveLength(3);
});

test("of too many rows the oldest go, in as many batches as it takes", async () => {
  await keep(0, 5);
  await rows(25_000);
  expect(await cleanUp.execute()).toBe(24_996);
  expect(await logged(world.pool)).toHaveLength(5);
});

test("0 keeps rows whatever their age or number", async () => {
  await keep(0, 0);
  await rows(10);
  world.clock.advance(1000 * DAY_MS);
  expect(await cleanUp.execute()).toBe(0);
  expect(await logged(world.pool)).toHaveLength(11);
});

test("those who come while it runs share the run", async () => {
  await rows(4);
  world.clock.advance(31 * DAY_MS);
  world.log.hold("prune");
  const runs = [cleanUp.execute(), cleanUp.execute()];
  expect(cleanUp.status.running).toBe(true);
  expect(world.log.held).toBe(1);
  world.log.release();
  expect(await Promise.all(runs)).toEqual([4, 4]);
  expect(cleanUp.status).toMatchObject({ running: false, rowsRemoved: 4, lastRunAt: world.clock.now() });
  expect(await cleanUp.execute()).toBe(0);
});

test("a storage that fails is told, and the next run does what is left", async () => {
  await rows(4);
  world.clock.advance(31 * DAY_MS);
  world.log.break("prune");
  await expect(cleanUp.execute()).rejects.toMatchObject({ code: "storage_unavailable" });
  expect(cleanUp.status).toMatchObject({ running: false, rowsRemoved: 0 });
  world.log.mend();
  expect(await cleanUp.execute()).toBe(4);
});
