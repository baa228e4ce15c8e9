import { afterEach, describe, expect, it } from "vitest";
import type { KeyNotice, KeyWatch, Watch } from "../../../src/application/index.ts";
import type { CooldownStore, Key } from "../../../src/domain/index.ts";
import { addKeys, report, type World } from "../../../src/testing/pool.ts";
import { until } from "../../../src/testing/until.ts";
import { openTwoPools, type TwoPoolsOptions } from "../../situations/two-pools.ts";

const START = Date.UTC(2026, 0, 1);

let closing: KeyWatch[] = [];
afterEach(() => {
  for (const watch of closing) watch.close();
  closing = [];
});

/** What somebody is told who watches eastasia at this instance. */
async function watch({ pool }: World, asked: Partial<Watch> = {}) {
  const opened = await pool.watchKey.execute({ service: "speech", region: "eastasia", ...asked });
  closing.push(opened);
  const notices: KeyNotice[] = [];
  const read = () => {
    const notice = opened.read();
    if (notice) notices.push(notice);
  };
  opened.onNews(read);
  read();
  const told = () =>
    notices.map((notice) =>
      notice.kind === "key" ? notice.key.id : notice.kind === "none" ? (notice.availableAt ?? "none") : "end",
    );
  return { notices, told, has: (count: number) => until(() => notices.length >= count) };
}

async function open(options?: TwoPoolsOptions) {
  const pools = await openTwoPools(options);
  const keys = (await addKeys(pools.a.pool, 4)) as [Key, Key, Key, Key];
  await pools.heard();
  if (options?.news === false) await pools.b.pool.jobs.run("reconcile with the database");
  return { ...pools, keys };
}

/** The next answer of this method is kept until it is let go. */
function holdAnswer(store: CooldownStore, method: "take" | "read") {
  const [held, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const answer = async (given: Promise<unknown>) => {
    Reflect.deleteProperty(store, method);
    const value = await given;
    held.resolve();
    await gate.promise;
    return value;
  };
  const original = store[method].bind(store) as (...args: unknown[]) => Promise<unknown>;
  Reflect.set(store, method, (...args: unknown[]) => answer(original(...args)));
  return { isHeld: held.promise, release: gate.resolve };
}

describe("a watcher at another instance than the one where its key", () => {
  it.each([
    ["rests", (pool: World["pool"], key: Key) => report({ ...pool }, key, 429)],
    ["is retired", (pool: World["pool"], key: Key) => report({ ...pool }, key, 401)],
    ["is disabled", (pool: World["pool"], key: Key) => pool.disableKey.execute("speech", key.secret)],
    [
      "is moved",
      (pool: World["pool"], key: Key) => pool.updateKey.execute("speech", key.secret, { region: "westus" }),
    ],
    ["is deleted", (pool: World["pool"], key: Key) => pool.deleteKey.execute("speech", key.secret)],
  ])("%s gets another one", async (_, act) => {
    const { a, b, keys } = await open();
    const watcher = await watch(b);
    await act(a.pool, keys[0]);
    await watcher.has(2);
    expect(watcher.told()).toEqual([1, 2]);
  });

  it("is put to rest gets another one though that cannot be written, and though it takes long", async () => {
    const { a, b, keys } = await open();
    const watcher = await watch(b);
    a.keys.break("settle");
    await expect(report(a.pool, keys[0], 429)).rejects.toMatchObject({ code: "storage_unavailable" });
    await watcher.has(2);
    a.keys.mend();
    a.keys.hold("settle");
    const reporting = report(a.pool, keys[1], 429);
    await watcher.has(3);
    expect(watcher.told()).toEqual([1, 2, 3]);
    a.keys.release();
    await reporting;
  });

  it.each(["take", "read"] as const)(
    "is put to rest while it is being given gets another one though that cannot be written (%s)",
    async (method) => {
      const { a, b, keys, store } = await open();
      const [had] = (await watch(a)).notices;
      const answer = holdAnswer(store(), method);
      const watching = watch(b, { after: method === "read" && had?.kind === "key" ? had.id : undefined });
      await answer.isHeld;
      a.keys.break("settle");
      await expect(report(a.pool, keys[method === "take" ? 1 : 0], 429)).rejects.toMatchObject({
        code: "storage_unavailable",
      });
      for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
      answer.release();
      const watcher = await watching;
      for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
      expect(watcher.told()).toEqual([3]);
    },
  );

  it("leaves its pool gets another one though that cannot be written", async () => {
    const { a, b, keys } = await open();
    const watcher = await watch(b);
    a.keys.break("describe", "remove");
    const move = a.pool.updateKey.execute("speech", keys[0].secret, { region: "westus" });
    await expect(move).rejects.toMatchObject({ code: "storage_unavailable" });
    await watcher.has(2);
    await expect(a.pool.deleteKey.execute("speech", keys[1].secret)).rejects.toMatchObject({
      code: "storage_unavailable",
    });
    await watcher.has(3);
    expect(watcher.told()).toEqual([1, 2, 3]);
  });

  it("is enabled, added or moved in gets it while there is none", async () => {
    const { a, b, keys } = await open();
    for (const { secret } of keys) await a.pool.disableKey.execute("speech", secret);
    const watcher = await watch(b);
    await a.pool.enableKey.execute("speech", keys[2].secret);
    await watcher.has(2);
    await a.pool.disableKey.execute("speech", keys[2].secret);
    await watcher.has(3);
    const [elsewhere] = (await addKeys(a.pool, 1, "westus")) as [Key];
    await a.pool.updateKey.execute("speech", elsewhere.secret, { region: "eastasia" });
    await watcher.has(4);
    await a.pool.deleteKey.execute("speech", elsewhere.secret);
    await watcher.has(5);
    await a.pool.addKey.execute({ ...keys[0], secret: "another-secret-of-this-pool" });
    await watcher.has(6);
    expect(watcher.told()).toEqual(["none", 3, "none", 5, "none", 6]);
  });

  it("was handed to it goes on with it, and no use is counted", async () => {
    const { a, b } = await open();
    const before = await watch(a);
    const [notice] = before.notices;
    const again = await watch(b, { after: notice?.kind === "key" ? notice.id : "" });
    expect([before.told(), again.told()]).toEqual([[1], [1]]);
    expect(b.pool.measure().handOuts).toEqual([]);
  });
});

describe("a watcher whose news is lost", () => {
  it("gets another key when its instance compares itself with the database", async () => {
    const { a, b, keys } = await open({ news: false });
    const watcher = await watch(b);
    await report(a.pool, keys[0], 429);
    expect(watcher.told()).toEqual([1]);
    await b.pool.jobs.run("reconcile with the database");
    await watcher.has(2);
    expect(watcher.told()).toEqual([1, 2]);
  });

  it("gets another key when its instance looks into the store, while the database is away", async () => {
    const { a, b, keys } = await open({ news: false });
    const watcher = await watch(b);
    a.keys.break("settle");
    await expect(report(a.pool, keys[0], 429)).rejects.toMatchObject({ code: "storage_unavailable" });
    b.keys.break("load", "get");
    await b.pool.jobs.run("look after watched keys");
    await watcher.has(2);
    expect(watcher.told()).toEqual([1, 2]);
  });

  it("keeps its key when the store has lost everything, and gets another when that rests", async () => {
    const { a, b, keys, loseStore } = await open();
    const watcher = await watch(b);
    await loseStore();
    await b.pool.jobs.run("look after watched keys");
    expect(watcher.told()).toEqual([1]);
    await report(a.pool, keys[0], 429);
    await watcher.has(2);
    expect(watcher.told()[1]).toBeGreaterThan(1);
  });

  it("is told when a standing that nobody wrote is put right", async () => {
    const { b, keys, store } = await open();
    const [key] = keys;
    for (const { secret } of keys.slice(1)) await b.pool.disableKey.execute("speech", secret);
    const watcher = await watch(b);
    const { standing, ...member } = key;
    const forged = { ...standing, cooldownUntil: START + 9_000_000, protectedUntil: START + 9_000_000 };
    await store().replace(member, standing, { ...forged, generation: 7 });
    await b.pool.jobs.run("look after watched keys");
    await watcher.has(2);
    // Each run looks after some of the keys that do not rest.
    for (let run = 0; run < 12; run++) await b.pool.jobs.run("reconcile with the database");
    await watcher.has(3);
    expect(watcher.told()).toEqual([1, START + 9_000_000, 1]);
  });
});

it("who waits is told of the sooner return when a rest is cut that a wrong clock has made too long", async () => {
  const { a, clock, keys } = await open();
  for (const { secret } of keys.slice(1)) await a.pool.disableKey.execute("speech", secret);
  const watcher = await watch(a);
  clock.set(START + 86_400_000);
  await report(a.pool, keys[0], 429);
  await watcher.has(2);
  clock.set(START);
  await until(() => watcher.told().at(-1) === START + 300_000);
  expect(watcher.told()).toEqual([1, START + 86_700_000, START + 300_000]);
});

it("what is watched is read ahead of what is not, however much has changed", async () => {
  const { a, b, keys } = await open();
  const watcher = await watch(b);
  b.keys.hold("get");
  await addKeys(a.pool, 50, "westus");
  await report(a.pool, keys[0], 429);
  await until(() => b.keys.held === 1);
  let reads = 0;
  b.keys.release();
  await until(() => {
    reads++;
    return watcher.notices.length === 2;
  });
  expect(reads).toBeLessThan(50);
});
