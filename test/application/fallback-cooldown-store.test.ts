import { describe, expect, test } from "vitest";
import { InMemoryCooldownStore, ManualClock } from "../../src/adapters/in-memory/index.ts";
import { FallbackCooldownStore } from "../../src/application/index.ts";
import { disable, type Member, NEW_STANDING, type Standing } from "../../src/domain/index.ts";
import { breakable } from "../../src/testing/breakable.ts";
import { describeCooldownStore } from "../../src/testing/cooldown-store.ts";

const METHODS = ["take", "read", "replace", "put", "follow", "leave", "drop", "load"] as const;
const pool = { service: "speech", region: "eastasia" } as const;

function open() {
  const clock = new ManualClock();
  const shared = breakable(new InMemoryCooldownStore(clock));
  const events: string[] = [];
  const store = new FallbackCooldownStore(shared.port, new InMemoryCooldownStore(clock), {
    onDegraded: () => events.push("degraded"),
    onRecovered: () => events.push("recovered"),
  });
  return { clock, shared, store, events };
}

describeCooldownStore("shared with a local fallback", async () => {
  const { clock, store } = open();
  const reach = async (instant: number) => clock.advance(instant - clock.now());
  return { store, other: store, reach, close: async () => {} };
});

describeCooldownStore(
  "the local fallback while the shared one is gone",
  async () => {
    const { clock, shared, store } = open();
    shared.break(...METHODS);
    const reach = async (instant: number) => clock.advance(instant - clock.now());
    return { store, other: store, reach, close: async () => {} };
  },
  { followSeats: "nobody else tells the local store where keys belong" },
);

describe("a fallback cooldown store", () => {
  const taken = async (store: FallbackCooldownStore) => {
    const turn = await store.take(pool, "round_robin");
    return turn.status === "taken" ? turn.id : turn.status;
  };

  test("goes on from its last known state when the shared store fails, and says so", async () => {
    const { clock, shared, store, events } = open();
    await store.load("speech", "eastasia", [seat(1), seat(2)]);
    await store.replace(member(1), NEW_STANDING, cooling(clock.now() + 60_000));
    shared.break(...METHODS);
    expect([await taken(store), await taken(store)]).toEqual([2, 2]);
    expect(events).toEqual(["degraded"]);
    expect((await store.check()).status).toBe("degraded");
  });

  test("I1 what was decided alone is merged into the shared store before it is asked again", async () => {
    const { clock, shared, store, events } = open();
    await store.load("speech", "eastasia", [seat(1), seat(2), seat(3)]);
    shared.break(...METHODS);
    await store.replace(member(1), NEW_STANDING, disable(NEW_STANDING, clock.now()));
    expect(await store.recover()).toBe(false);
    shared.mend();
    await shared.port.replace(member(2), NEW_STANDING, cooling(clock.now() + 60_000));
    expect(await store.recover()).toBe(true);
    expect([await taken(store), await taken(store)]).toEqual([3, 3]);
    expect(events).toEqual(["degraded", "recovered"]);
    expect((await store.check()).status).toBe("up");
  });

  test("what changes while it recovers is told too", async () => {
    const { clock, shared, store } = open();
    await store.load("speech", "eastasia", [seat(1), seat(2)]);
    shared.break(...METHODS);
    await taken(store);
    shared.mend();
    shared.hold("follow");
    const recovering = store.recover();
    while (shared.held === 0) await new Promise(setImmediate);
    await store.replace(member(2), NEW_STANDING, disable(NEW_STANDING, clock.now()));
    shared.release();
    expect(await recovering).toBe(true);
    expect((await shared.port.read(member(2)))?.standing.status).toBe("disabled");
  });

  test("I2 reminds an emptied shared store of what was brought about through it", async () => {
    const { clock, shared, store } = open();
    await store.load("speech", "eastasia", [seat(1)]);
    const rest = cooling(clock.now() + 60_000);
    await store.replace(member(1), NEW_STANDING, rest);
    await shared.port.drop(member(1));
    await shared.port.put([seat(1)]);
    expect((await store.read(member(1)))?.standing).toEqual(rest);
    expect((await shared.port.read(member(1)))?.standing).toEqual(rest);
  });

  test("learns from the shared store what others have decided", async () => {
    const { clock, shared, store } = open();
    await store.load("speech", "eastasia", [seat(1)]);
    await shared.port.replace(member(1), NEW_STANDING, cooling(clock.now() + 60_000));
    await store.read(member(1));
    shared.break(...METHODS);
    expect(await taken(store)).toBe("all-cooling");
  });

  test("fills a shared store that lost its memory with what this process knows better than the database", async () => {
    const { clock, store } = open();
    await store.load("speech", "eastasia", [seat(1)]);
    const restricted = disable(NEW_STANDING, clock.now());
    await store.replace(member(1), NEW_STANDING, restricted);
    const emptied = open();
    await emptied.store.put([{ member: member(1), standing: restricted }]);
    await emptied.shared.port.drop(member(1));
    await emptied.store.load("speech", "eastasia", [seat(1)]);
    expect((await emptied.shared.port.read(member(1)))?.standing).toEqual(restricted);
  });

  test("does not wait for a shared store that stays silent", async () => {
    const clock = new ManualClock();
    const shared = breakable(new InMemoryCooldownStore(clock));
    const local = new InMemoryCooldownStore(clock);
    const store = new FallbackCooldownStore(shared.port, local, { patienceMs: 5 });
    await store.load("speech", "eastasia", [seat(1)]);
    shared.hold(...METHODS);
    expect(await taken(store)).toBe(1);
  });
});

function member(id: number): Member {
  return { id, service: "speech", region: "eastasia", tag: null };
}

function seat(id: number) {
  return { member: member(id), standing: NEW_STANDING };
}

function cooling(cooldownUntil: number): Standing {
  return { status: "enabled", cooldownUntil, protectedUntil: cooldownUntil + 5_000, generation: 0 };
}
