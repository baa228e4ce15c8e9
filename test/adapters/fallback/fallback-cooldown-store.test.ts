import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FallbackCooldownStore, type SharedCooldownStore } from "../../../src/adapters/fallback/index.ts";
import { InMemoryCooldownStore, ManualClock } from "../../../src/adapters/in-memory/index.ts";
import {
  type CooldownStore,
  disable,
  enable,
  NEW_STANDING,
  type Seat,
  type Standing,
} from "../../../src/domain/index.ts";
import { breakable } from "../../../src/testing/breakable.ts";
import { describeCooldownStore } from "../../../src/testing/cooldown-store.ts";
import { describeLeaseStore, type LeasingStore } from "../../../src/testing/lease-store.ts";
import { cooling, member, POOL, reading, seat, seatsIn } from "../../situations/redis-seats.ts";

const METHODS = ["take", "read", "replace", "put", "follow", "leave", "drop", "load"] as const;
const LEASES = ["lease", "renew", "release", "restore", "carryOff", "keep", "listOf", "countLeases"] as const;

/** A shared store that can be broken and emptied, and two instances on it. */
function open() {
  const clock = new ManualClock();
  let held = new InMemoryCooldownStore(clock);
  const backend = new Proxy<LeasingStore>(held, {
    get: (_, name) => {
      const method = Reflect.get(held, name);
      return typeof method === "function" ? method.bind(held) : method;
    },
  });
  const shared = breakable(backend);
  const events: string[] = [];
  const join = () => {
    const local = new InMemoryCooldownStore(clock);
    const store = new FallbackCooldownStore(shared.port, local, {
      onDegraded: () => events.push("degraded"),
      onRecovered: () => events.push("recovered"),
    });
    return { store, local };
  };
  const { store, local } = join();
  const lose = async () => {
    held = new InMemoryCooldownStore(clock);
  };
  return { clock, shared, store, local, other: join().store, events, lose };
}

describeCooldownStore("shared with a local fallback", async () => {
  const { clock, store, other, lose } = open();
  const reach = async (instant: number) => clock.advance(instant - clock.now());
  return { store, other, reach, lose, close: async () => {} };
});

describeCooldownStore(
  "the local fallback while the shared one is gone",
  async () => {
    const { clock, shared, store } = open();
    shared.break(...METHODS);
    const reach = async (instant: number) => clock.advance(instant - clock.now());
    return { store, other: store, reach, close: async () => {} };
  },
  { followSeats: "alone, a store learns of new keys in no other way" },
);

describeLeaseStore("shared with a local fallback", async () => {
  const { clock, store, other, lose } = open();
  const reach = async (instant: number) => clock.advance(instant - clock.now());
  return { store, other, reach, lose, close: async () => {} };
});

describeLeaseStore("the local fallback while the shared one is gone", async () => {
  const { clock, shared, store } = open();
  shared.break(...METHODS, ...LEASES);
  const reach = async (instant: number) => clock.advance(instant - clock.now());
  return { store, other: store, reach, close: async () => {} };
});

describe("a fallback cooldown store", () => {
  const taken = async (store: CooldownStore) => (await seatsIn(store).takes(1))[0];

  test("goes on from its last known state when the shared store fails, and says so", async () => {
    const { clock, shared, store, events } = open();
    await store.load(POOL, reading([seat(1), seat(2)]));
    await store.replace(member(1), NEW_STANDING, cooling(clock.now() + 60_000));
    shared.break(...METHODS);
    expect([await taken(store), await taken(store)]).toEqual([2, 2]);
    expect(events).toEqual(["degraded"]);
    expect((await store.check()).status).toBe("degraded");
  });

  test("I1 what was decided alone is merged into the shared store before it is asked again", async () => {
    const { clock, shared, store, events } = open();
    await store.load(POOL, reading([seat(1), seat(2), seat(3)]));
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

  test("a key that has left while this process was alone joins no queue of the shared store", async () => {
    const { shared, store } = open();
    await store.load(POOL, reading([seat(1)]));
    shared.break(...METHODS);
    await store.put([seat(2)]);
    await store.leave(member(2));
    shared.mend();
    await store.recover();
    expect(await seatsIn(shared.port).takes(2)).toEqual([1, 1]);
    expect(await shared.port.read(member(2))).toMatchObject({ status: "held", hasLeft: true });
  });

  test.each(["put", "follow"] as const)(
    "alone, a key of which %s tells that it was moved takes its leases along",
    async (how) => {
      const { shared, store } = open();
      await store.load(POOL, reading([seat(1)]));
      shared.break(...METHODS, ...LEASES);
      const turn = await store.lease(POOL, "round_robin", { id: "a", ttlMs: 60_000 });
      const lease = turn.status === "taken" && turn.lease;
      const moved = { ...member(1), region: "westus", placement: 1 };
      await store[how]([{ ...seat(1), member: moved }]);
      // An older place that comes too late takes nothing along.
      await store[how]([seat(1)]);
      expect(await store.countLeases([member(1)])).toEqual([0]);
      expect((await store.drop(moved)).leases).toEqual([lease]);
    },
  );

  test("a lease has not ended because the shared store fails while its key is moved", async () => {
    const { shared, store } = open();
    await store.load(POOL, reading([seat(1)]));
    await store.lease(POOL, "round_robin", { id: "a", ttlMs: 60_000 });
    const moved = { ...member(1), region: "westus", placement: 1 };
    const left = { ...member(1), placement: 1 };
    const { leases } = await store.drop(left);
    shared.break(...METHODS, ...LEASES);
    await store.put([{ ...seat(1), member: moved, leases }]);
    expect(await store.carryOff(left, "a")).toBe(true);
    expect(await store.carryOff(left, "b")).toBe(false);
  });

  test("what changes while it recovers reaches the shared store too", async () => {
    const { clock, shared, store } = open();
    await store.load(POOL, reading([seat(1), seat(2)]));
    shared.break(...METHODS);
    await taken(store);
    shared.mend();
    shared.hold("follow");
    const recovering = store.recover();
    while (shared.held === 0) await new Promise(setImmediate);
    await store.replace(member(2), NEW_STANDING, disable(NEW_STANDING, clock.now()));
    shared.release();
    expect(await recovering).toBe(true);
    expect((await standingIn(shared.port, 2)).status).toBe("disabled");
  });

  test("what changes at the very moment at which it has recovered does so too", async () => {
    for (let moment = 0; moment < 60; moment++) {
      const { clock, shared, store } = open();
      await store.load(POOL, reading([seat(1), seat(2)]));
      shared.break(...METHODS);
      await taken(store);
      shared.mend();
      const recovering = store.recover();
      for (let turn = 0; turn < moment; turn++) await Promise.resolve();
      const disabled = disable(NEW_STANDING, clock.now());
      await Promise.all([store.replace(member(2), NEW_STANDING, disabled), store.put([seat(3)])]);
      expect(await recovering).toBe(true);
      expect([moment, (await standingIn(shared.port, 2)).status]).toEqual([moment, "disabled"]);
      expect([moment, (await shared.port.read(member(3))).status]).toEqual([moment, "held"]);
    }
  });

  test("I2 reminds an emptied shared store of what it replaced there", async () => {
    const { clock, shared, store } = open();
    await store.load(POOL, reading([seat(1)]));
    const rest = cooling(clock.now() + 60_000);
    await store.replace(member(1), NEW_STANDING, rest);
    await shared.port.drop(member(1));
    await shared.port.put([seat(1)]);
    expect(await standingIn(store, 1)).toEqual(rest);
    expect(await standingIn(shared.port, 1)).toEqual(rest);
  });

  test.each(["put", "follow"] as const)("does so no more once that is %s as durable", async (method) => {
    const { clock, shared, store } = open();
    await store.load(POOL, reading([seat(1)]));
    const rest = cooling(clock.now() + 60_000);
    await store.replace(member(1), NEW_STANDING, rest);
    await store[method]([seat(1, null, rest)]);
    await shared.port.replace(member(1), rest, NEW_STANDING);
    expect(await standingIn(store, 1)).toEqual(NEW_STANDING);
  });

  test("does not undo what another instance has lowered, nor goes on from it when alone", async () => {
    const { clock, shared, store, other } = open();
    await store.load(POOL, reading([seat(1)]));
    const forged: Standing = { ...enable(NEW_STANDING, 0), generation: 99 };
    const disabled = disable(NEW_STANDING, clock.now());
    await shared.port.replace(member(1), NEW_STANDING, forged);
    expect(await standingIn(store, 1)).toEqual(forged);
    await other.replace(member(1), forged, disabled);
    expect(await standingIn(store, 1)).toEqual(disabled);
    shared.break(...METHODS);
    expect(await taken(store)).toBe("empty");
    shared.mend();
    await store.recover();
    expect(await standingIn(shared.port, 1)).toEqual(disabled);
  });

  test("learns from the shared store what others have decided", async () => {
    const { clock, shared, store } = open();
    await store.load(POOL, reading([seat(1)]));
    await shared.port.replace(member(1), NEW_STANDING, cooling(clock.now() + 60_000));
    await store.read(member(1));
    shared.break(...METHODS);
    expect(await taken(store)).toBe("all-away");
  });

  test("reads the local store once for one reading of the shared one", async () => {
    const clock = new ManualClock();
    const local = new InMemoryCooldownStore(clock);
    const read = vi.spyOn(local, "read");
    const store = new FallbackCooldownStore(new InMemoryCooldownStore(clock), local);
    await store.load(POOL, reading([seat(1)]));
    read.mockClear();
    await store.read(member(1));
    expect(read).toHaveBeenCalledTimes(1);
  });

  test("alone, gets to know keys that it follows", async () => {
    const { shared, store } = open();
    await store.load(POOL, reading([seat(1)]));
    shared.break(...METHODS);
    await store.drop(member(1));
    expect(await store.follow([seat(2)])).toMatchObject([{ status: "held" }]);
    expect(await taken(store)).toBe(2);
  });

  test("does not wait for a shared store that stays silent", async () => {
    const clock = new ManualClock();
    const shared = breakable(new InMemoryCooldownStore(clock));
    const store = new FallbackCooldownStore(shared.port, new InMemoryCooldownStore(clock), { patienceMs: 5 });
    await store.load(POOL, reading([seat(1)]));
    shared.hold(...METHODS);
    expect(await taken(store)).toBe(1);
  });

  test("compares its clock with every instant that the shared store answers", async () => {
    const clock = new ManualClock();
    const answered: number[] = [];
    const store = new FallbackCooldownStore(
      new InMemoryCooldownStore(clock),
      new InMemoryCooldownStore(clock),
      { clock: { ask: () => (at) => answered.push(at) } },
    );
    await store.load(POOL, reading([seat(1)]));
    const acts = [
      () => store.take(POOL, "sticky"),
      () => store.read(member(1)),
      () => store.follow([seat(2), seat(1)]),
      () => store.read(member(2)),
    ];
    for (const act of acts) {
      await act();
      clock.advance(1);
    }
    const start = clock.now() - acts.length;
    expect(answered).toEqual([start, start + 1, start + 2]);
  });
});

describe("the load of a fallback cooldown store", () => {
  const counted = (...chunks: Seat[][]) => {
    let readings = 0;
    const read = () => {
      readings++;
      return reading(...chunks)();
    };
    return { read, readings: () => readings };
  };
  const onlyLocal = async (store: FallbackCooldownStore, shared: ReturnType<typeof open>["shared"]) => {
    shared.break(...METHODS);
    return await seatsIn(store).takes(3);
  };
  const CHUNKS = [[seat(1)], [seat(2)], [seat(3)]];

  test("fills both stores from one reading", async () => {
    const { shared, store } = open();
    const { read, readings } = counted(...CHUNKS);
    await store.load(POOL, read);
    expect(readings()).toBe(1);
    expect(await seatsIn(shared.port).takes(3)).toEqual([1, 2, 3]);
    expect(await onlyLocal(store, shared)).toEqual([1, 2, 3]);
  });

  test("begins with the shared store before it reads", async () => {
    const { shared, store } = open();
    shared.hold("load");
    const { read, readings } = counted(...CHUNKS);
    const loading = store.load(POOL, read);
    while (shared.held === 0) await new Promise(setImmediate);
    expect(readings()).toBe(0);
    shared.release();
    await loading;
    expect(readings()).toBe(1);
  });

  test("fills a shared store that lost its memory with what this process knows better than the database", async () => {
    const { clock, shared, store, lose } = open();
    await store.load(POOL, reading([seat(1)]));
    const restricted = disable(NEW_STANDING, clock.now());
    await store.replace(member(1), NEW_STANDING, restricted);
    await lose();
    await store.load(POOL, reading([seat(1)]));
    expect(await standingIn(shared.port, 1)).toEqual(restricted);
  });

  test("leaves out of the shared store what was dropped since it was read", async () => {
    const { shared, store } = open();
    await store.load(POOL, async function* () {
      yield [seat(1), seat(2)];
      await store.drop(member(2));
      yield [seat(3)];
    });
    expect(await seatsIn(shared.port).takes(3)).toEqual([1, 3, 1]);
  });

  test.each([0, 1, 2, 3])(
    "is whole in the local store when the shared one fails after %i chunks",
    async (count) => {
      const clock = new ManualClock();
      const backend = new InMemoryCooldownStore(clock);
      const failing = new Proxy<LeasingStore>(backend, {
        get: (target, name) => {
          const method = Reflect.get(target, name);
          if (name !== "load") return method.bind(target);
          return async (_: unknown, read: () => AsyncIterable<unknown>) => {
            let chunks = 0;
            if (count === 0) throw new Error("gone");
            for await (const _ of read()) if (++chunks === count) throw new Error("gone");
          };
        },
      });
      const shared = breakable(failing);
      const store = new FallbackCooldownStore(shared.port, new InMemoryCooldownStore(clock));
      const { read, readings } = counted(...CHUNKS);
      await store.load(POOL, read);
      expect([store.degraded, readings()]).toEqual([true, 1]);
      expect(await onlyLocal(store, shared)).toEqual([1, 2, 3]);
    },
  );

  test("is the local store's alone while the shared one is away", async () => {
    const { shared, store } = open();
    shared.break(...METHODS);
    await taken(store);
    shared.mend();
    const { read, readings } = counted(...CHUNKS);
    await store.load(POOL, read);
    expect(readings()).toBe(1);
    expect((await shared.port.take(POOL, "sticky")).status).toBe("unloaded");
    expect(await seatsIn(store).takes(3)).toEqual([1, 2, 3]);
  });

  test("throws a fault of the reading, which says nothing about the shared store", async () => {
    const { store, events } = open();
    const fault = new Error("the database is away");
    const failing = async function* () {
      yield [seat(1)];
      throw fault;
    };
    await expect(store.load(POOL, failing)).rejects.toBe(fault);
    expect([store.degraded, events]).toEqual([false, []]);
    await store.load(POOL, reading([seat(1)]));
    expect(await taken(store)).toBe(1);
  });

  describe("with time in the hands of the test", () => {
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    test("waits for each piece of a first lease, however many there are, but not for one that hangs", async () => {
      const clock = new ManualClock();
      const backend = new InMemoryCooldownStore(clock);
      const hanging = Promise.withResolvers<void>();
      let isHanging = false;
      const slow: SharedCooldownStore["lease"] = async (pool, rotation, draft, seen, onPiece) => {
        for (let piece = 0; piece < 5; piece++) {
          vi.advanceTimersByTime(1_900);
          onPiece?.();
        }
        if (isHanging) {
          vi.advanceTimersByTime(2_100);
          await hanging.promise;
        }
        return backend.lease(pool, rotation, draft, seen);
      };
      const shared = new Proxy<LeasingStore>(backend, {
        get: (target, name) => (name === "lease" ? slow : Reflect.get(target, name).bind(target)),
      });
      const store = new FallbackCooldownStore(shared, new InMemoryCooldownStore(clock));
      await store.load(POOL, reading([seat(1)]));
      const lease = () => store.lease(POOL, "sticky", { id: "x", ttlMs: 1_000 });
      expect([(await lease()).status, store.degraded]).toEqual(["taken", false]);
      isHanging = true;
      expect([(await lease()).status, store.degraded]).toEqual(["taken", true]);
    });

    test("waits for the database as long as it takes", async () => {
      const { shared, store } = open();
      await store.load(POOL, async function* () {
        vi.advanceTimersByTime(60_000);
        yield [seat(1)];
        vi.advanceTimersByTime(60_000);
        yield [seat(2)];
        vi.advanceTimersByTime(60_000);
        await new Promise(setImmediate);
      });
      expect(store.degraded).toBe(false);
      expect(await seatsIn(shared.port).takes(2)).toEqual([1, 2]);
    });

    test("waits for each piece of the shared store's work, however many there are, but not for one that hangs", async () => {
      const clock = new ManualClock();
      const backend = new InMemoryCooldownStore(clock);
      const hanging = Promise.withResolvers<void>();
      let pieces = 0;
      const slow: CooldownStore["load"] = async (pool, read) => {
        vi.advanceTimersByTime(1_900);
        for await (const seats of read()) {
          await backend.put(seats);
          vi.advanceTimersByTime(1_900);
          if (++pieces > 3) {
            vi.advanceTimersByTime(200);
            await hanging.promise;
          }
        }
        vi.advanceTimersByTime(1_900);
        await backend.load(pool, reading());
      };
      const shared = new Proxy<LeasingStore>(backend, {
        get: (target, name) => (name === "load" ? slow : Reflect.get(target, name).bind(target)),
      });
      const local = new InMemoryCooldownStore(clock);
      const store = new FallbackCooldownStore(shared, local);
      await store.load(POOL, reading(...CHUNKS));
      expect([store.degraded, await seatsIn(backend).takes(3)]).toEqual([false, [1, 2, 3]]);
      await store.load(POOL, reading([seat(4)], [seat(5)]));
      expect([store.degraded, new Set(await seatsIn(store).takes(5))]).toEqual([
        true,
        new Set([1, 2, 3, 4, 5]),
      ]);
    });
  });

  const taken = async (store: CooldownStore) => (await seatsIn(store).takes(1))[0];
});

async function standingIn(store: CooldownStore, id: number): Promise<Standing> {
  return seatsIn(store).standing(id);
}
