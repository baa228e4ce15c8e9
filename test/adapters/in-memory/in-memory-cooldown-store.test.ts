import { describe, expect, it } from "vitest";
import { InMemoryCooldownStore, ManualClock } from "../../../src/adapters/in-memory/index.ts";
import { type CooldownStore, merge, NEW_STANDING, type Standing } from "../../../src/domain/index.ts";
import { brokenCooldownStoreRules, describeCooldownStore } from "../../../src/testing/cooldown-store.ts";
import { describeLeaseStore } from "../../../src/testing/lease-store.ts";

async function open(breaking: (store: CooldownStore) => Partial<CooldownStore> = () => ({})) {
  const clock = new ManualClock();
  const inner = new InMemoryCooldownStore(clock);
  const broken = breaking(inner);
  const store = new Proxy<CooldownStore>(inner, {
    get: (target, name) => {
      const method = Reflect.get(broken, name) ?? Reflect.get(target, name);
      return typeof method === "function" ? method.bind(target) : method;
    },
  });
  return {
    store,
    other: store,
    reach: async (instant: number) => clock.advance(instant - clock.now()),
    close: async () => {},
  };
}

describeCooldownStore("in memory", () => open());

describeLeaseStore("in memory", async () => {
  const clock = new ManualClock();
  const store = new InMemoryCooldownStore(clock);
  const reach = async (instant: number) => clock.advance(instant - clock.now());
  return { store, other: store, reach, close: async () => {} };
});

it("a key whose deadline is in the future again, because the clock was set back, is away again", async () => {
  const clock = new ManualClock();
  const store = new InMemoryCooldownStore(clock);
  const pool = { service: "speech", region: "eastasia" } as const;
  const until = clock.now() + 1_000;
  const away: Standing = { ...NEW_STANDING, cooldownUntil: until, protectedUntil: until };
  await store.load(pool, async function* () {
    yield [{ member: { id: 1, ...pool, tag: "a", maxInFlight: null, placement: 0 }, standing: away }];
  });
  clock.set(until);
  for (const asked of [pool, { ...pool, tag: "a" }]) {
    expect(await store.take(asked, "sticky")).toMatchObject({ status: "taken", id: 1 });
  }
  clock.set(until - 1);
  for (const asked of [pool, { ...pool, tag: "a" }]) {
    expect(await store.take(asked, "sticky")).toMatchObject({ status: "all-away", until });
  }
  clock.advance(1);
  for (const asked of [pool, { ...pool, tag: "a" }]) {
    expect(await store.take(asked, "round_robin")).toMatchObject({ status: "taken", id: 1 });
  }
});

describe("the rules of the cooldown store", () => {
  it("are all kept by the store in memory", async () => {
    expect(await brokenCooldownStoreRules(() => open())).toEqual([]);
  });

  it("are broken by a store whose `replace` ignores what was expected", async () => {
    const careless = (store: CooldownStore): Partial<CooldownStore> => ({
      replace: async (member, _, next) => {
        const held = await store.read(member);
        return held.status === "held" && store.replace(member, held.standing, next);
      },
    });
    expect(await brokenCooldownStoreRules(() => open(careless))).toContain(
      "replace with a stale expectation answers false and changes nothing",
    );
  });

  it("are broken by a store that refuses to lower a standing, and by one that loads keys that have left", async () => {
    const raising = (store: CooldownStore): Partial<CooldownStore> => ({
      replace: (member, expected, next) => store.replace(member, expected, merge(expected, next)),
    });
    expect(await brokenCooldownStoreRules(() => open(raising))).toContain(
      "replace can lower a standing, and no adapter raises it again",
    );
    const putting = (store: CooldownStore): Partial<CooldownStore> => ({
      load: async (pool, read) => {
        for await (const seats of read()) await store.put(seats);
        await store.load(pool, async function* () {});
      },
    });
    expect(await brokenCooldownStoreRules(() => open(putting))).toEqual([
      "load keeps keys out that have left, until they are put",
    ]);
  });
});

it("an older place counts again after a minute, as after a backup was restored", async () => {
  const clock = new ManualClock();
  const store = new InMemoryCooldownStore(clock);
  const pool = { service: "speech", region: "eastasia" } as const;
  const seat = (tag: string, placement: number) => ({
    member: { id: 1, ...pool, tag, maxInFlight: null, placement },
    standing: NEW_STANDING,
  });
  const tagAfter = async (ms: number) => {
    clock.advance(ms);
    await store.put([seat("old", 1)]);
    return [...store.members()][0]?.tag;
  };
  await store.put([seat("new", 2)]);
  expect([await tagAfter(59_999), await tagAfter(1)]).toEqual(["new", "old"]);
  await store.drop(seat("old", 2).member);
  expect([await tagAfter(59_999), await tagAfter(1)]).toEqual([undefined, "old"]);
});
