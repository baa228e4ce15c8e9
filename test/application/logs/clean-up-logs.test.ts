import { beforeEach, expect, test } from "vitest";
import type { KeyPool } from "../../../src/application/index.ts";
import { logged, openWorld, type World } from "../../../src/testing/pool.ts";
import { logDraft } from "../../../src/testing/storage.ts";

const DAY_MS = 86_400_000;

let world: World;
let cleanUp: KeyPool["cleanUpLogs"];
beforeEach(async () => {
  world = await openWorld();
  cleanUp = world.pool.cleanUpLogs;
});

/** Appends `count` rows now. */
async function rows(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await world.ports.log.append(logDraft({ at: world.clock.now() }));
}

async function keep(days: number, most: number): Promise<void> {
  await world.pool.settings.saveAll([
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

test("0 keeps rows of any age and number", async () => {
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

test("a failure of the storage is thrown, and the next run removes the rest", async () => {
  await rows(4);
  world.clock.advance(31 * DAY_MS);
  world.log.break("prune");
  await expect(cleanUp.execute()).rejects.toMatchObject({ code: "storage_unavailable" });
  expect(cleanUp.status).toMatchObject({ running: false, rowsRemoved: 0 });
  world.log.mend();
  expect(await cleanUp.execute()).toBe(4);
});

test("many rows are removed once there are a tenth too many, without waiting for the hour", async () => {
  await keep(0, 1_000);
  await rows(1_099);
  const job = () => world.pool.jobs.run("clean up too many logs");
  expect(await job()).toBe(0);
  await rows(1);
  expect(await job()).toBeGreaterThan(100);
  expect(await logged(world.pool)).toHaveLength(1_000);
  expect(await job()).toBe(0);
});

test("a log that counts too high is not cleaned up over and over", async () => {
  await keep(0, 10);
  let pruned = 0;
  const { log } = world.ports;
  const ports = {
    ...world.ports,
    log: {
      append: (entry: Parameters<typeof log.append>[0]) => log.append(entry),
      list: (query: Parameters<typeof log.list>[0]) => log.list(query),
      countReports: (query: Parameters<typeof log.countReports>[0]) => log.countReports(query),
      atMost: async () => 100,
      prune: async () => {
        pruned++;
        return 0;
      },
    },
  };
  const { pool } = await openWorld(world.clock, ports);
  for (let run = 0; run < 3; run++) await pool.jobs.run("clean up too many logs");
  expect(pruned).toBe(1);
});
