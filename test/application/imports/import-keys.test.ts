import { beforeEach, expect, test } from "vitest";
import { createInMemoryPorts, ManualClock } from "../../../src/adapters/in-memory/index.ts";
import type { SpeechProbe } from "../../../src/domain/index.ts";
import { handOut, logged, openWorld, secretOf, type World } from "../../../src/testing/pool.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});

const rows = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ secret: secretOf(n + 1), region: "eastasia" }));

test("a storage that fails on the way fails the rest at once; run again it does what is left", async () => {
  const tries: number[] = [];
  const outcome = await world.pool.importKeys.execute({
    service: "speech",
    parts: [rows(2000)],
    onProgress: (done) => {
      tries.push(done);
      world.keys.break("add");
    },
  });
  expect(tries).toEqual([500, 1000, 1500, 2000]);
  expect(outcome).toMatchObject({ created: 500, failed: 1500, skipped: 0 });
  expect(outcome.results[1999]).toMatchObject({
    status: "failed",
    error: expect.stringContaining("Storage"),
  });
  world.keys.mend();
  const again = await world.pool.importKeys.execute({ service: "speech", parts: [rows(2000)] });
  expect(again).toMatchObject({ created: 1500, failed: 0, skipped: 500 });
  expect(await logged(world.pool)).toHaveLength(2);
});

test("a storage that takes nothing refuses the whole import", async () => {
  world.keys.break("add");
  const importing = world.pool.importKeys.execute({ service: "speech", parts: [rows(3)] });
  await expect(importing).rejects.toMatchObject({ code: "storage_unavailable" });
  expect(await handOut(world.pool)).toBe("no-key");
});

test("two imports of the same keys at once create each key once", async () => {
  const twice = [1, 2].map(() => world.pool.importKeys.execute({ service: "speech", parts: [rows(1200)] }));
  const [first, second] = await Promise.all(twice);
  expect((first?.created ?? 0) + (second?.created ?? 0)).toBe(1200);
  expect((first?.skipped ?? 0) + (second?.skipped ?? 0)).toBe(1200);
  expect(await handOut(world.pool)).toBe(1);
});

test("keys that Azure refuses are not created when they are tested first", async () => {
  const clock = new ManualClock();
  let running = 0;
  let most = 0;
  const speechProbe: Pick<SpeechProbe, "synthesize"> = {
    synthesize: async ({ secret }) => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
      const works = secret !== secretOf(2);
      return { verdict: { code: works ? 200 : 401, source: "service", reason: "as scripted" }, audioSize: 1 };
    },
  };
  const ports = { ...createInMemoryPorts(clock), speechProbe: speechProbe as SpeechProbe };
  const { pool } = await openWorld(clock, ports);
  const options = { testBeforeCreate: true };
  const outcome = await pool.importKeys.execute({ service: "speech", parts: [rows(40)], options });
  expect(outcome).toMatchObject({ created: 39, failed: 1 });
  expect(outcome.results[1]).toMatchObject({ status: "failed", error: expect.stringContaining("401") });
  expect(most).toBe(10);
});

test("keys are not created untested when they cannot be tested", async () => {
  const options = { testBeforeCreate: true };
  const importing = world.pool.importKeys.execute({ service: "speech", parts: [rows(3)], options });
  await expect(importing).rejects.toMatchObject({ code: "probe_unavailable" });
  expect(await handOut(world.pool)).toBe("no-key");
});

/** A pool whose storage throws an error that is not `storage_unavailable` when it adds this key. */
async function openFaulty(number: number): Promise<World> {
  const clock = new ManualClock();
  const ports = createInMemoryPorts(clock);
  const { keys } = ports;
  const add: typeof keys.add = async (key, entry) => {
    if (key.secret === secretOf(number)) throw new TypeError("an unexpected fault");
    await new Promise(setImmediate);
    return keys.add(key, entry);
  };
  const faulty = new Proxy(keys, {
    get: (target, name: keyof typeof keys) => (name === "add" ? add : target[name].bind(target)),
  });
  return openWorld(clock, { ...ports, keys: faulty });
}

test("a fault on the way leaves no key behind that has been added but is not handed out", async () => {
  const { pool } = await openFaulty(2);
  const importing = pool.importKeys.execute({ service: "speech", parts: [rows(3)] });
  await expect(importing).rejects.toThrow("an unexpected fault");
  expect([await handOut(pool), await handOut(pool)]).toEqual([1, 2]);
});

test("a fault on the way is thrown, and what was done before it is logged", async () => {
  const { pool } = await openFaulty(700);
  const importing = pool.importKeys.execute({ service: "speech", parts: [rows(1500)] });
  await expect(importing).rejects.toThrow("an unexpected fault");
  expect(await logged(pool)).toMatchObject([{ note: "999 created, 0 updated, 0 skipped, 501 failed" }]);
});

test("an import ends before its next chunk when its signal is aborted, and logs what it has done", async () => {
  const ending = new AbortController();
  const outcome = await world.pool.importKeys.execute({
    service: "speech",
    parts: [[...rows(1200), { secret: "bad" }]],
    options: { validateBeforeCreate: false },
    signal: ending.signal,
    onProgress: () => ending.abort(),
  });
  expect(outcome).toMatchObject({ created: 500, failed: 701 });
  expect(outcome.results[500]?.error).toBe("Not done, the import was ended before");
  expect(outcome.results[1200]?.error).toMatch(/^secret: /);
  expect(await logged(world.pool)).toMatchObject([{ note: "500 created, 0 updated, 0 skipped, 701 failed" }]);
});

test("stopping ends what runs, keeps the next from beginning, and waits until it is logged", async () => {
  const { importKeys } = world.pool;
  const begun = Promise.withResolvers<void>();
  const running = importKeys.execute({
    service: "speech",
    parts: [rows(5000)],
    onProgress: () => begun.resolve(),
  });
  await begun.promise;
  await world.pool.stop();
  expect(await logged(world.pool)).toHaveLength(1);
  expect((await running).created).toBeLessThan(5000);
  const late = importKeys.execute({
    service: "speech",
    parts: [[{ secret: "late-secret", region: "eastasia" }]],
  });
  await expect(late).rejects.toMatchObject({ code: "storage_unavailable" });
});

test("a storage that fails while keys are tested leaves an account of what was done", async () => {
  const clock = new ManualClock();
  const works = { verdict: { code: 200, source: "service", reason: "as scripted" }, audioSize: 1 } as const;
  const speechProbe: Pick<SpeechProbe, "synthesize"> = { synthesize: async () => works };
  const ports = { ...createInMemoryPorts(clock), speechProbe: speechProbe as SpeechProbe };
  const { pool, keys } = await openWorld(clock, ports);
  const outcome = await pool.importKeys.execute({
    service: "speech",
    parts: [rows(1000)],
    options: { testBeforeCreate: true },
    onProgress: () => keys.break("findBySecret"),
  });
  expect(outcome).toMatchObject({ created: 500, failed: 500 });
  expect(await logged(pool)).toHaveLength(1);
});

test("no other key is tested once the signal is aborted", async () => {
  const clock = new ManualClock();
  const ending = new AbortController();
  let asked = 0;
  const speechProbe: Pick<SpeechProbe, "synthesize"> = {
    synthesize: async () => {
      if (++asked === 10) ending.abort();
      return { verdict: { code: 200, source: "service", reason: "as scripted" }, audioSize: 1 };
    },
  };
  const ports = { ...createInMemoryPorts(clock), speechProbe: speechProbe as SpeechProbe };
  const { pool } = await openWorld(clock, ports);
  const outcome = await pool.importKeys.execute({
    service: "speech",
    parts: [rows(40)],
    options: { testBeforeCreate: true },
    signal: ending.signal,
  });
  expect(asked).toBe(10);
  expect(outcome).toMatchObject({ created: 10, failed: 30 });
});
