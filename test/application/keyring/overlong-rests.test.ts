import { beforeEach, expect, it } from "vitest";
import { createInMemoryPorts, InMemoryDatabase, ManualClock } from "../../../src/adapters/in-memory/index.ts";
import type { Key } from "../../../src/domain/index.ts";
import { addKeys, handOut, logged, openWorld, report, type World } from "../../../src/testing/pool.ts";

const HOUR = 3_600_000;

let clock: ManualClock;
let database: InMemoryDatabase;
let world: World;
beforeEach(async () => {
  clock = new ManualClock();
  database = new InMemoryDatabase();
  await start();
  await world.pool.settings.save({ name: "cooldown_seconds", value: "2" });
});

const start = async () => {
  world = await openWorld(clock, createInMemoryPorts(clock, database));
};
/** How often the log is listed from now on. */
const countLooks = () => {
  const { log } = world.ports;
  const list = log.list.bind(log);
  let looks = 0;
  Object.assign(log, {
    list: (...query: Parameters<typeof list>) => {
      looks++;
      return list(...query);
    },
  });
  return () => looks;
};
/** A key that was throttled while the clock was an hour ahead. */
const throttledInTheFuture = async () => {
  const [key] = await addKeys(world.pool, 1);
  if (!key) throw new Error("one key was added");
  clock.set(clock.now() + HOUR);
  await report(world.pool, key, 429);
  return key;
};

it("no rest outlasts its own length because the clock was ahead", async () => {
  const key = await throttledInTheFuture();
  clock.set(clock.now() - HOUR);
  await world.pool.jobs.run("cut overlong rests");
  clock.advance(1_999);
  expect(await handOut(world.pool)).toBe("all-away");
  clock.advance(1);
  expect(await handOut(world.pool)).toBe(key.id);
  expect(await report(world.pool, key, 429)).toMatchObject({ action: "skip", reason: "protected" });
});

it("the same where the process was restarted after the clock was put right", async () => {
  const key = await throttledInTheFuture();
  clock.set(clock.now() - HOUR);
  await start();
  clock.advance(2_000);
  expect(await handOut(world.pool)).toBe(key.id);
});

it("a rest that was given by a longer setting is left alone", async () => {
  await world.pool.settings.save({ name: "cooldown_seconds", value: "9000" });
  const [key] = await addKeys(world.pool, 1);
  if (key) await report(world.pool, key, 429);
  await world.pool.settings.save({ name: "cooldown_seconds", value: "2" });
  await start();
  expect(await world.pool.jobs.run("cut overlong rests")).toBe(0);
  clock.advance(8_999_999);
  expect(await handOut(world.pool)).toBe("all-away");
  clock.advance(1);
  expect(await handOut(world.pool)).toBe(key?.id);
});

it("a rest is cut once, whatever the setting becomes", async () => {
  await world.pool.settings.save({ name: "cooldown_seconds", value: "9000" });
  const key = await throttledInTheFuture();
  clock.set(clock.now() - HOUR);
  expect(await world.pool.jobs.run("cut overlong rests")).toBe(1);
  const rests = (await logged(world.pool)).filter(({ action }) => action === "cooldown_start");
  expect(rests.map(({ actor }) => actor)).toEqual(["caller", "system"]);
  await world.pool.settings.save({ name: "cooldown_seconds", value: "2" });
  await start();
  expect(await world.pool.jobs.run("cut overlong rests")).toBe(0);
  clock.advance(8_999_999);
  expect(await handOut(world.pool)).toBe("all-away");
  clock.advance(1);
  expect(await handOut(world.pool)).toBe(key.id);
});

it("a rest that was given after the clock was put right keeps its own length", async () => {
  const key = await throttledInTheFuture();
  clock.set(clock.now() - HOUR);
  await world.pool.jobs.run("cut overlong rests");
  clock.advance(10_000);
  await world.pool.settings.save({ name: "cooldown_seconds", value: "9000" });
  expect(await report(world.pool, key, 429)).toMatchObject({ action: "cooldown" });
  await world.pool.settings.save({ name: "cooldown_seconds", value: "2" });
  expect(await world.pool.jobs.run("cut overlong rests")).toBe(0);
  clock.advance(8_999_999);
  expect(await handOut(world.pool)).toBe("all-away");
});

it("many keys that rest longer than now is set cost one look into the log", async () => {
  await world.pool.settings.save({ name: "cooldown_seconds", value: "9000" });
  for (const key of await addKeys(world.pool, 20)) await report(world.pool, key, 429);
  await world.pool.settings.save({ name: "cooldown_seconds", value: "2" });
  const looks = countLooks();
  expect(await world.pool.jobs.run("cut overlong rests")).toBe(0);
  expect(looks()).toBe(1);
});

it("each of more rests than a page of the log has is cut", async () => {
  const keys = await addKeys(world.pool, 501);
  clock.set(clock.now() + HOUR);
  for (const key of keys) await report(world.pool, key, 429);
  clock.set(clock.now() - HOUR);
  expect(await world.pool.jobs.run("cut overlong rests")).toBe(501);
  expect(await world.pool.jobs.run("cut overlong rests")).toBe(0);
});

it("a disabled key stays disabled", async () => {
  const key = await throttledInTheFuture();
  await world.pool.disableKey.execute("speech", key.secret);
  clock.set(clock.now() - HOUR);
  await world.pool.jobs.run("cut overlong rests");
  clock.advance(HOUR);
  expect(await handOut(world.pool)).toBe("no-key");
});

it("a rest that a Retry-After made longer is left alone, and one of a clock that was ahead begins now", async () => {
  const [asked, ahead] = await addKeys(world.pool, 2);
  const reported = async (key: Key | undefined) => {
    const { service, secret } = key as Key;
    await world.pool.reportCode.execute({ service, secret, code: 429, retryAfter: 60 });
  };
  await reported(asked);
  clock.set(clock.now() + HOUR);
  await reported(ahead);
  clock.set(clock.now() - HOUR);
  expect(await world.pool.jobs.run("cut overlong rests")).toBe(1);
  expect(await world.pool.jobs.run("cut overlong rests")).toBe(0);
  clock.advance(59_999);
  expect(await handOut(world.pool)).toBe("all-away");
  clock.advance(1);
  expect([await handOut(world.pool), await handOut(world.pool)]).toEqual([asked?.id, ahead?.id]);
});

it("I2 a rest that the log dates ahead by less than a step is left alone: clocks of instances differ so much", async () => {
  const [key] = await addKeys(world.pool, 1);
  const { service, secret } = key as Key;
  clock.set(clock.now() + 400);
  await world.pool.reportCode.execute({ service, secret, code: 429, retryAfter: 60 });
  clock.set(clock.now() - 400);
  expect(await world.pool.jobs.run("cut overlong rests")).toBe(0);
});
