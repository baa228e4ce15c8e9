import { afterEach, describe, expect, it } from "vitest";
import {
  createInMemoryPorts,
  InMemoryDatabase,
  InMemoryTokenRepository,
} from "../../../src/adapters/in-memory/index.ts";
import { NodeTokenCrypto } from "../../../src/adapters/node-crypto/index.ts";
import type { KeyNotice, KeyWatch, Ports, Watch } from "../../../src/application/index.ts";
import type { Key, Scope } from "../../../src/domain/index.ts";
import { addKeys, openWorld, report, secretOf, type World } from "../../../src/testing/pool.ts";
import { HandTime } from "../../situations/hand-time.ts";

let time: HandTime;
let world: World;
let closing: KeyWatch[] = [];

async function open(wrap: (ports: Ports) => Ports = (ports) => ports): Promise<World> {
  time = new HandTime();
  const database = new InMemoryDatabase();
  const access = { tokens: new InMemoryTokenRepository(database), crypto: new NodeTokenCrypto() };
  const ports = { ...createInMemoryPorts(time.clock, database), access, scheduler: time };
  world = await openWorld(time.clock, wrap(ports));
  return world;
}
afterEach(() => {
  for (const watch of closing) watch.close();
  closing = [];
});

/** Somebody who reads each notice as it comes. */
async function watch(asked: Partial<Watch> = {}, scope?: Scope, client?: string) {
  const request = { service: "speech", region: "eastasia", ...asked } as const;
  const opened = await world.pool.watchKey.execute(request, scope, client);
  closing.push(opened);
  const notices: KeyNotice[] = [];
  const read = () => {
    const notice = opened.read();
    if (notice) notices.push(notice);
  };
  opened.onNews(read);
  read();
  return { watch: opened, notices, told: () => notices.map(inShort) };
}

function inShort(notice: KeyNotice): number | string {
  if (notice.kind === "key") return notice.key.id;
  return notice.kind === "none"
    ? `none ${notice.availableAt === null ? "" : notice.availableAt - START}`.trim()
    : "end";
}

const START = Date.UTC(2026, 0, 1);
const { disable, enable, move, remove } = {
  disable: (key: Key) => world.pool.disableKey.execute("speech", key.secret),
  enable: (key: Key) => world.pool.enableKey.execute("speech", key.secret),
  move: (key: Key, change: object) => world.pool.updateKey.execute("speech", key.secret, change),
  remove: (key: Key) => world.pool.deleteKey.execute("speech", key.secret),
};
const usesOf = async () => {
  await world.pool.jobs.run("write usage");
  const { keys } = await world.pool.listKeys.execute({ service: "speech" });
  return keys.map(({ usageCount }) => usageCount);
};

describe("a watcher", () => {
  it("has a key at once, and another as soon as that rests, is disabled, moved or deleted", async () => {
    await open();
    const [first, second, third, fourth] = (await addKeys(world.pool, 5)) as [Key, Key, Key, Key];
    const { told } = await watch();
    await report(world.pool, first, 429);
    await time.pass();
    await disable(second);
    await time.pass();
    await move(third, { region: "westus" });
    await time.pass();
    await remove(fourth);
    await time.pass();
    expect(told()).toEqual([1, 2, 3, 4, 5]);
    expect(await usesOf()).toEqual([1, 1, 1, 1]);
  });

  it("keeps its key for as long as that can be used, whatever else is said of it", async () => {
    await open();
    const [first, second] = (await addKeys(world.pool, 2)) as [Key, Key];
    const { told } = await watch();
    await move(first, { name: "another", tag: "gold" });
    await report(world.pool, first, 200);
    await report(world.pool, first, 500);
    await report(world.pool, second, 429);
    await enable(second);
    await time.pass(60_000);
    expect(told()).toEqual([1]);
  });

  it("by tag loses a key that loses the tag, and gets one that gets it", async () => {
    await open();
    const [first, second] = (await addKeys(world.pool, 2)) as [Key, Key];
    await move(first, { tag: "gold" });
    const { told } = await watch({ tag: "gold" });
    await move(first, { tag: "silver" });
    await time.pass();
    await move(second, { tag: "gold" });
    await time.pass(20);
    expect(told()).toEqual([1, "none", 2]);
  });

  it("is told when all rest, until when, and of a key to the millisecond at which it is back", async () => {
    await open();
    const [first, second] = (await addKeys(world.pool, 2)) as [Key, Key];
    const { told } = await watch();
    await report(world.pool, second, 429);
    await time.pass(1_000);
    await report(world.pool, first, 429);
    await time.pass();
    expect(told()).toEqual([1, "none 300000"]);
    await time.pass(298_999);
    expect(told()).toEqual([1, "none 300000"]);
    await time.pass(1);
    expect(told()).toEqual([1, "none 300000", 2]);
  });

  it("is told at once of a key that is enabled early, added or moved in while there is none", async () => {
    await open();
    const [first] = (await addKeys(world.pool, 1)) as [Key];
    const { told } = await watch();
    const [elsewhere] = (await addKeys(world.pool, 1, "westus")) as [Key];
    await report(world.pool, first, 429);
    await time.pass();
    await enable(first);
    await time.pass(10);
    await disable(first);
    await time.pass();
    await world.pool.addKey.execute({ service: "speech", secret: secretOf(9), region: "eastasia" });
    await time.pass(20);
    await disable((await world.pool.showKey.execute("speech", "3")).key);
    await time.pass();
    await move(elsewhere, { region: "eastasia" });
    await time.pass(20);
    expect(told()).toEqual([1, "none 300000", 1, "none", 3, "none", 2]);
  });

  it("is told of a sooner return when the pool gets one", async () => {
    await open();
    const [first, second] = (await addKeys(world.pool, 2)) as [Key, Key];
    await report(world.pool, second, 429);
    await move(second, { region: "westus" });
    await time.pass(1_000);
    const { told } = await watch();
    await report(world.pool, first, 429);
    await time.pass();
    await move(second, { region: "eastasia" });
    await time.pass(20);
    expect(told()).toEqual([1, "none 301000", "none 300000"]);
  });

  it("may come before its pool, and gets the first key that is added", async () => {
    await open();
    const { told } = await watch({ region: "WestUS" });
    await addKeys(world.pool, 1, "westus");
    await time.pass(20);
    expect(told()).toEqual(["none", 1]);
    await expect(watch({ region: "no/where" })).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("changes its key in time where it asks for that, also the one that there is", async () => {
    await open();
    await addKeys(world.pool, 2);
    const { told } = await watch({ rotateMs: 60_000 });
    await time.pass(59_999);
    expect(told()).toEqual([1]);
    await time.pass(1);
    expect(told()).toEqual([1, 2]);
    await disable((await world.pool.showKey.execute("speech", "1")).key);
    await time.pass(120_000);
    expect(told()).toEqual([1, 2, 2, 2]);
    for (const rotateMs of [999, 86_400_001, Number.NaN]) {
      await expect(watch({ rotateMs })).rejects.toMatchObject({ code: "invalid_request" });
    }
  });

  it("counts its time anew from a key that it got because it lost the one before", async () => {
    await open();
    const [first] = (await addKeys(world.pool, 3)) as [Key];
    const { told } = await watch({ rotateMs: 60_000 });
    await time.pass(50_000);
    await report(world.pool, first, 429);
    await time.pass(59_999);
    expect(told()).toEqual([1, 2]);
    await time.pass(1);
    expect(told()).toEqual([1, 2, 3]);
  });

  it("follows the strategy in force", async () => {
    await open();
    const [first] = (await addKeys(world.pool, 2)) as [Key];
    await world.pool.settings.save({ name: "key_rotation_strategy", value: "sticky" });
    const watchers = [await watch(), await watch(), await watch()];
    await report(world.pool, first, 429);
    await time.pass();
    expect(watchers.map(({ told }) => told())).toEqual(new Array(3).fill([1, 2]));
  });

  it("is spread over the keys with the others, and so are those who lose one", async () => {
    await open();
    const [first] = (await addKeys(world.pool, 4)) as [Key];
    const watchers: Awaited<ReturnType<typeof watch>>[] = [];
    for (let n = 0; n < 120; n++) watchers.push(await watch());
    const having = (id: number) => watchers.filter(({ told }) => told().at(-1) === id).length;
    expect([1, 2, 3, 4].map(having)).toEqual([30, 30, 30, 30]);
    await report(world.pool, first, 429);
    await time.pass(10);
    expect([1, 2, 3, 4].map(having)).toEqual([0, 40, 40, 40]);
    expect(world.pool.measure().handOuts).toMatchObject([{ outcome: "handed-out", count: 150 }]);
  });

  it("gets nothing more once it is closed, and costs nothing", async () => {
    await open();
    const [first] = (await addKeys(world.pool, 1)) as [Key];
    const { watch: one, notices } = await watch();
    one.close();
    await report(world.pool, first, 429);
    await time.pass(1_000_000);
    expect(notices).toHaveLength(1);
    expect(one.read()).toEqual({ kind: "end" });
    expect(world.pool.measure().watchers).toEqual([
      { service: "speech", count: 0 },
      { service: "translation", count: 0 },
    ]);
  });

  it("ends when the pool stops, and one that comes later at once", async () => {
    await open();
    await addKeys(world.pool, 1);
    const { told } = await watch();
    await world.pool.stop();
    expect(told()).toEqual([1, "end"]);
    expect((await watch()).told()).toEqual(["end"]);
  });
});

describe("who reads slowly", () => {
  it("finds the newest notice and none before it", async () => {
    await open();
    const [first, second] = (await addKeys(world.pool, 2)) as [Key, Key];
    const opened = await world.pool.watchKey.execute({ service: "speech", region: "eastasia" });
    await report(world.pool, first, 429);
    await time.pass();
    await report(world.pool, second, 429);
    await time.pass();
    expect(opened.read()).toEqual({ kind: "none", availableAt: START + 300_000 });
    expect(opened.read()).toBeUndefined();
    opened.close();
  });

  it("may iterate, which ends with the pool and is closed when the loop is left", async () => {
    await open();
    const [first] = (await addKeys(world.pool, 2)) as [Key];
    const asked = { service: "speech", region: "eastasia" } as const;
    const seen: (number | string)[] = [];
    const reading = (async () => {
      for await (const notice of await world.pool.watchKey.execute(asked)) seen.push(inShort(notice));
    })();
    for await (const notice of await world.pool.watchKey.execute(asked)) {
      expect(inShort(notice)).toBe(2);
      break;
    }
    expect(world.pool.measure().watchers).toContainEqual({ service: "speech", count: 1 });
    await report(world.pool, first, 429);
    await time.pass();
    await world.pool.stop();
    await reading;
    expect(seen).toEqual([1, 2]);
  });
});

describe("who comes back with the id of the last notice", () => {
  const idOf = ({ notices }: { readonly notices: readonly KeyNotice[] }) => {
    const last = notices.at(-1);
    return last?.kind === "key" ? last.id : "";
  };

  it("keeps a key that can be used, without another use", async () => {
    await open();
    await addKeys(world.pool, 3);
    const before = await watch();
    before.watch.close();
    const again = await watch({ after: idOf(before) });
    expect([again.told(), idOf(again)]).toEqual([[1], idOf(before)]);
    expect(await usesOf()).toEqual([1, 0, 0]);
  });

  it("gets another where that rests, is disabled, elsewhere, gone, out of scope or unknown, or the id is none", async () => {
    await open();
    const [first, second, third, fourth] = (await addKeys(world.pool, 9)) as [Key, Key, Key, Key];
    await report(world.pool, first, 429);
    await disable(second);
    await move(third, { region: "westus" });
    await remove(fourth);
    const ids = ["1-1", "2-1", "3-1", "4-1", "99-1", "nonsense", "", "5", "5-x"];
    for (const after of ids) expect((await watch({ after })).told()[0], after).toBeGreaterThan(4);
    expect((await watch({ after: "5-1" }, { tags: ["gold"] })).told()).toEqual(["none"]);
    expect((await watch({ after: "5-1", tag: "gold" })).told()).toEqual(["none"]);
  });

  it("goes on counting the time in which it is changed", async () => {
    await open();
    await addKeys(world.pool, 2);
    const before = await watch({ rotateMs: 60_000 });
    before.watch.close();
    await time.pass(40_000);
    const again = await watch({ rotateMs: 60_000, after: idOf(before) });
    await time.pass(20_000);
    expect(again.told()).toEqual([1, 2]);
    const late = await watch({ rotateMs: 60_000, after: idOf(before) });
    expect(late.told()).toEqual([1]);
    expect(idOf(late)).not.toBe(idOf(before));
    const fromTheFuture = await watch({ rotateMs: 60_000, after: `2-${time.clock.now() + 1_000_000}` });
    await time.pass(60_000);
    expect(fromTheFuture.told()).toHaveLength(2);
  });
});

describe("a scope and a budget", () => {
  it("leave out what is not in the scope, and a key that leaves it", async () => {
    await open();
    const [first, second] = (await addKeys(world.pool, 3)) as [Key, Key];
    await move(first, { tag: "gold" });
    await move(second, { tag: "silver" });
    const scope = { tags: ["silver", "gold"] };
    const { told } = await watch({}, scope);
    await move(second, { tag: "lead" });
    await time.pass();
    await move(first, { tag: "lead" });
    await time.pass();
    expect(told()).toEqual([2, 1, "none"]);
    expect((await watch({}, { regions: ["westus"] })).told()).toEqual(["none"]);
    expect((await watch({ tag: "lead" }, scope)).told()).toEqual(["none"]);
  });

  it("refuse a client that has had its keys, tell one that watches of none, and of one when its hour is over", async () => {
    await open();
    const [first] = (await addKeys(world.pool, 3)) as [Key];
    await world.pool.settings.save({ name: "client_distinct_keys_per_hour", value: "1" });
    const mine = await watch({}, undefined, "me");
    await time.pass(1_000);
    await report(world.pool, first, 401);
    await time.pass();
    expect(mine.told()).toEqual([1, "none 3600000"]);
    await expect(watch({}, undefined, "me")).rejects.toMatchObject({ code: "budget_exhausted" });
    await expect(watch({ after: "3-1" }, undefined, "me")).rejects.toMatchObject({
      code: "budget_exhausted",
    });
    expect((await watch()).told()).toHaveLength(1);
    time.clock.advance(3_590_000);
    await time.pass(9_000);
    expect(mine.told()).toHaveLength(3);
    expect(mine.told().at(-1)).toBeGreaterThan(1);
  });

  it("let a client keep its key when it may have no other in its place", async () => {
    await open();
    await addKeys(world.pool, 3);
    await world.pool.settings.save({ name: "client_distinct_keys_per_hour", value: "1" });
    const { told } = await watch({ rotateMs: 60_000 }, undefined, "me");
    await time.pass(120_000);
    expect(told()).toEqual([1]);
  });
});

describe("when something is away", () => {
  it("a key whose rest cannot be written is changed all the same", async () => {
    await open();
    const [first] = (await addKeys(world.pool, 2)) as [Key];
    const { told } = await watch();
    world.keys.break("settle");
    await expect(report(world.pool, first, 429)).rejects.toMatchObject({ code: "storage_unavailable" });
    await time.pass();
    expect(told()).toEqual([1, 2]);
    world.keys.mend();
    await world.pool.jobs.run("write owed changes");
    await time.pass(1_000);
    expect(told()).toEqual([1, 2]);
  });

  it("a key is changed before its rest is written", async () => {
    await open();
    const [first] = (await addKeys(world.pool, 2)) as [Key];
    const { told } = await watch();
    world.keys.hold("settle");
    const reporting = report(world.pool, first, 429);
    await time.pass();
    expect(told()).toEqual([1, 2]);
    world.keys.release();
    await reporting;
  });

  it("who loses his key while no turn can be taken is told of none, and of a key when one can", async () => {
    const faults: unknown[] = [];
    let isAway = false;
    await open((ports) => ({
      ...ports,
      cooldowns: new Proxy(ports.cooldowns, {
        get: (target, name) => {
          const method = Reflect.get(target, name);
          if (name !== "take") return typeof method === "function" ? method.bind(target) : method;
          return async (...given: Parameters<typeof target.take>) => {
            if (isAway) throw new Error("away");
            return target.take(...given);
          };
        },
      }),
    }));
    const [first] = (await addKeys(world.pool, 2)) as [Key];
    const [one, other] = [await watch(), await watch({ after: "1-1" })];
    isAway = true;
    await report(world.pool, first, 429);
    await time.pass(10_000);
    await expect(watch()).rejects.toThrow("away");
    isAway = false;
    await time.pass(1_000);
    for (const { told } of [one, other]) expect(told()).toEqual([1, "none", 2]);
    expect(faults).toEqual([]);
  });
});

it("a key that goes while its hand-out is under way is not told", async () => {
  let act = async () => {};
  await open((ports) => ({
    ...ports,
    cooldowns: new Proxy(ports.cooldowns, {
      get: (target, name) => {
        const method = Reflect.get(target, name);
        if (name !== "take") return typeof method === "function" ? method.bind(target) : method;
        return async (...given: Parameters<typeof target.take>) => {
          const turn = await target.take(...given);
          const meanwhile = act;
          act = async () => {};
          await meanwhile();
          return turn;
        };
      },
    }),
  }));
  const [first, second] = (await addKeys(world.pool, 3)) as [Key, Key];
  act = async () => void (await report(world.pool, first, 429));
  expect((await watch()).told()).toEqual([2]);
  const { told } = await watch();
  act = async () => void (await remove(second));
  expect(told()).toEqual([3]);
  expect((await watch()).told()).toEqual([3]);
});

it("a thousand who wait ask as often as one", async () => {
  let takes = 0;
  await open((ports) => ({
    ...ports,
    cooldowns: new Proxy(ports.cooldowns, {
      get: (target, name) => {
        if (name === "take") takes++;
        const method = Reflect.get(target, name);
        return typeof method === "function" ? method.bind(target) : method;
      },
    }),
  }));
  const [first] = (await addKeys(world.pool, 1)) as [Key];
  const watchers: Awaited<ReturnType<typeof watch>>[] = [];
  for (let n = 0; n < 1_000; n++) watchers.push(await watch());
  takes = 0;
  await report(world.pool, first, 429);
  await time.pass(10_000);
  expect(watchers.every(({ told }) => told().join() === "1,none 300000")).toBe(true);
  // One for the word, a few because something has changed, and one in five seconds in case something was missed.
  expect(takes).toBeLessThan(20);
  takes = 0;
  await time.pass(290_000);
  expect(takes).toBeGreaterThanOrEqual(1_000);
  expect(watchers.every(({ told }) => told().at(-1) === 1)).toBe(true);
});

it("hand-outs to others go on between those to a thousand watchers", async () => {
  await open();
  const [first] = (await addKeys(world.pool, 2)) as [Key];
  const watchers: Awaited<ReturnType<typeof watch>>[] = [];
  for (let n = 0; n < 1_000; n++) watchers.push(await watch({ after: "1-1" }));
  await report(world.pool, first, 429);
  const served = () => watchers.filter(({ told }) => told().length === 2).length;
  const steps: number[] = [];
  while (served() < 1_000) {
    const before = served();
    await new Promise(setImmediate);
    steps.push(served() - before);
  }
  expect(Math.max(...steps)).toBeLessThanOrEqual(100);
});
