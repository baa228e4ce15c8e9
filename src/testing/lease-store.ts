import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type CooldownStore,
  disable,
  enable,
  type Lease,
  type LeaseStore,
  NEW_STANDING,
  type Pool,
  REMOVED,
  type RotationStrategy,
  type Seat,
} from "../domain/index.ts";
import { coolingUntil, load, member, POOL, reading, seat } from "./seats.ts";

/** A store is both: a lease is a turn. */
export type LeasingStore = CooldownStore & LeaseStore;

export interface OpenLeaseStore {
  readonly store: LeasingStore;
  /** A second adapter object on the same backend; the same object where there is only one. */
  readonly other: LeasingStore;
  /** Resolves when the store's clock shows at least this instant. */
  reach(instant: number): Promise<void>;
  /** Makes the backend lose all data; undefined where it can lose none. */
  lose?(): Promise<void>;
  close(): Promise<void>;
}

/** The rules of the `LeaseStore` port, for every adapter; a store that settles must not take time for it here. */
export function describeLeaseStore(name: string, open: () => Promise<OpenLeaseStore>): void {
  describe(`LeaseStore: ${name}`, () => {
    let opened: OpenLeaseStore;

    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    for (const [rule, { check, needs }] of Object.entries(RULES)) {
      test(rule, (context) => {
        if (needs && !opened[needs]) context.skip(`it has no way to ${needs} anything`);
        return check(situationOf(opened));
      });
    }
  });
}

interface Situation extends Required<OpenLeaseStore> {
  /** The ids of the keys of the next leases, or why there are none. */
  leases(
    count: number,
    from?: Pool,
    by?: LeasingStore,
    rotation?: RotationStrategy,
  ): Promise<(number | string)[]>;
  /** The instant of the store's clock. */
  now(): Promise<number>;
}

interface Rule {
  check(situation: Situation): Promise<void>;
  readonly needs?: "lose";
}

const WESTUS = { ...POOL, region: "westus" } as const;
const TAG_A: Pool = { ...POOL, tag: "a" };
const MINUTE = 60_000;
/** Runs out while a test waits, and not before a slow machine has done what it is to do meanwhile. */
const SHORT = 2_000;
const ONE = { maxInFlight: 1 } as const;
let drafts = 0;

const RULES: Readonly<Record<string, Rule>> = {
  "answers unloaded for a pool that was never loaded, and empty for one without keys": {
    check: async ({ store, leases }) => {
      expect(await leases(1)).toEqual(["unloaded"]);
      await load(store);
      expect([...(await leases(1)), ...(await leases(1, TAG_A))]).toEqual(["empty", "empty"]);
    },
  },

  "leases keys in the order of joining and puts the leased key at the back": {
    check: async ({ store, leases }) => {
      await load(store, seat(3), seat(1), seat(2));
      expect(await leases(5)).toEqual([3, 1, 2, 3, 1]);
    },
  },

  "sticky leases the front until it is at its limit": {
    check: async ({ store, other, leases }) => {
      await load(store, seat(1, { maxInFlight: 2 }), seat(2));
      expect(await leases(3, POOL, other, "sticky")).toEqual([1, 1, 2]);
    },
  },

  "a lease says until when it lasts, by the store's clock": {
    check: async ({ store, now }) => {
      await load(store, seat(1));
      const before = await now();
      const turn = await lent(store, { ttlMs: 5_000 });
      expect(turn.at).toBeGreaterThanOrEqual(before);
      expect(turn.lease).toMatchObject({ keyId: 1, until: turn.at + 5_000 });
      expect(await running(store, seat(1))).toEqual([turn.lease]);
    },
  },

  "hand-outs and leases leave each other's turns alone, and a hand-out ignores limits": {
    check: async ({ store, leases }) => {
      await load(store, seat(1, ONE), seat(2, ONE), seat(3, ONE));
      expect(await leases(1)).toEqual([1]);
      expect([await taken(store), await taken(store)]).toEqual([1, 2]);
      expect(await leases(3)).toEqual([2, 3, "all-busy"]);
      expect([await taken(store), await taken(store)]).toEqual([3, 1]);
    },
  },

  "never leases more of a key than its limit, however many ask at once": {
    check: async ({ store, other }) => {
      await load(store, seat(1, { maxInFlight: 3 }), seat(2, { maxInFlight: 4 }), seat(3, ONE));
      const turns = await Promise.all(Array.from({ length: 60 }, (_, i) => lease(i % 2 ? store : other)));
      const ids = turns.flatMap((turn) => (turn.status === "taken" ? turn.lease.keyId : []));
      expect(ids.toSorted()).toEqual([1, 1, 1, 2, 2, 2, 2, 3]);
      expect(await store.countLeases([member(3), member(1), member(9)])).toEqual([1, 3, 0]);
    },
  },

  "a key without a limit is leased any number of times": {
    check: async ({ store, leases }) => {
      await load(store, seat(1), seat(2, ONE));
      expect(await leases(5)).toEqual([1, 2, 1, 1, 1]);
      expect(await store.countLeases([member(1), member(2)])).toEqual([4, 1]);
    },
  },

  "says when the first lease has run out, and has room from that instant on": {
    check: async ({ store, reach, leases }) => {
      await load(store, seat(1, ONE), seat(2, ONE));
      await lent(store, { ttlMs: MINUTE });
      const { lease: short } = await lent(store, { ttlMs: SHORT });
      expect(await lease(store)).toEqual({ status: "all-busy", until: short.until, at: expect.any(Number) });
      await reach(short.until);
      expect(await leases(2)).toEqual([2, "all-busy"]);
      expect(await store.release(member(2), short.id)).toEqual({ status: "gone" });
    },
  },

  "nothing is left of leases that have run out": {
    check: async ({ store, reach, leases }) => {
      await load(store, seat(1, { maxInFlight: 2 }), seat(2, { maxInFlight: 2 }));
      const turns = await Promise.all(Array.from({ length: 4 }, () => lent(store, { ttlMs: 100 })));
      await reach(Math.max(...turns.map(({ lease }) => lease.until)));
      expect(await store.countLeases([member(1), member(2)])).toEqual([0, 0]);
      expect(await running(store, seat(1, { maxInFlight: 2 }))).toEqual([]);
      expect((await leases(5)).toSorted()).toEqual([1, 1, 2, 2, "all-busy"]);
    },
  },

  "a lease is returned once, and says whether the key had no room": {
    check: async ({ store, other, leases }) => {
      await load(store, seat(1, { maxInFlight: 2 }));
      const [one, two] = [await lent(store), await lent(store)];
      const returns = await Promise.all([
        store.release(member(1), one.lease.id),
        other.release(member(1), one.lease.id),
      ]);
      expect(returns).toEqual([{ status: "returned", hadNoRoom: true }, { status: "gone" }]);
      expect(await store.release(member(1), two.lease.id)).toEqual({ status: "returned", hadNoRoom: false });
      expect(await store.release(member(1), "unheard")).toEqual({ status: "gone" });
      expect(await store.release(member(9), two.lease.id)).toEqual({ status: "gone" });
      expect(await leases(3)).toEqual([1, 1, "all-busy"]);
    },
  },

  "a key that has room again is back in its turn": {
    check: async ({ store, leases }) => {
      await load(store, seat(1, ONE), seat(2, ONE), seat(3, ONE));
      const [, two, three] = [await lent(store), await lent(store), await lent(store)];
      await store.release(member(3), three.lease.id);
      await store.release(member(2), two.lease.id);
      expect(await leases(3)).toEqual([2, 3, "all-busy"]);
    },
  },

  "a lease that is renewed lasts from now on, and one that is gone stays so": {
    check: async ({ store, other, reach, leases }) => {
      await load(store, seat(1, ONE));
      const { lease: first } = await lent(store, { ttlMs: SHORT });
      const renewal = await other.renew(member(1), { id: first.id, ttlMs: MINUTE });
      if (renewal.status !== "renewed") throw new Error(renewal.status);
      expect(renewal.lease.until).toBeGreaterThanOrEqual(first.until - SHORT + MINUTE);
      await reach(first.until);
      expect(await leases(1)).toEqual(["all-busy"]);
      const shortened = await other.renew(member(1), { id: first.id, ttlMs: 100 });
      if (shortened.status !== "renewed") throw new Error(shortened.status);
      await reach(shortened.lease.until);
      expect(await store.renew(member(1), { id: first.id, ttlMs: MINUTE })).toEqual({ status: "gone" });
      expect(await leases(1)).toEqual([1]);
    },
  },

  "a key's limit is one for its pool and its tag, whose queues turn for themselves": {
    check: async ({ store, leases }) => {
      await load(store, seat(1, { tag: "a", ...ONE }), seat(2, { tag: "a", maxInFlight: 2 }), seat(3));
      const one = await lent(store, {}, undefined, TAG_A);
      expect(one.lease.keyId).toBe(1);
      expect(await leases(2)).toEqual([2, 3]);
      expect(await leases(2, TAG_A)).toEqual([2, "all-busy"]);
      expect(await leases(2)).toEqual([3, 3]);
      await store.release(member(1, { tag: "a" }), one.lease.id);
      expect(await leases(2, TAG_A)).toEqual([1, "all-busy"]);
    },
  },

  "leases no key that rests, is disabled or has left, and says so": {
    check: async ({ store, now, leases }) => {
      await load(store, seat(1), seat(2, { tag: "a" }), seat(3), seat(4));
      expect(await leases(1)).toEqual([1]);
      const at = await now();
      await store.replace(member(1), NEW_STANDING, coolingUntil(at + MINUTE));
      await store.replace(member(2, { tag: "a" }), NEW_STANDING, disable(NEW_STANDING, at));
      await store.leave(member(3));
      expect(await leases(2)).toEqual([4, 4]);
      expect(await leases(1, TAG_A)).toEqual(["empty"]);
      await store.drop(member(4));
      expect(await lease(store)).toMatchObject({
        status: "all-away",
        until: at + MINUTE,
        reason: "cooldown",
      });
      await store.drop(member(1));
      expect(await leases(1)).toEqual(["empty"]);
    },
  },

  "keys that are back, enabled or put again are leased, at the back": {
    check: async ({ store, now, reach, leases }) => {
      await load(store, seat(1), seat(2), seat(3), seat(4, { tag: "a" }));
      expect([...(await leases(1)), ...(await leases(1, TAG_A))]).toEqual([1, 4]);
      const at = await now();
      const disabled = disable(NEW_STANDING, at);
      await store.replace(member(2), NEW_STANDING, disabled);
      await store.leave(member(3));
      await store.replace(member(4, { tag: "a" }), NEW_STANDING, coolingUntil(at + SHORT));
      expect([...(await leases(1)), ...(await leases(1, TAG_A))]).toEqual([1, "all-away"]);
      await store.replace(member(2), disabled, enable(disabled, at));
      await store.put([seat(3)]);
      await reach(at + SHORT);
      expect(await leases(4)).toEqual([1, 2, 3, 4]);
      expect(await leases(1, TAG_A)).toEqual([4]);
    },
  },

  "the leases of a key that rests or is disabled run on, and count when it is back": {
    check: async ({ store, now, leases }) => {
      await load(store, seat(1, ONE), seat(2, ONE));
      const [one, two] = [await lent(store), await lent(store)];
      const at = await now();
      const disabled = disable(NEW_STANDING, at);
      const away = coolingUntil(at + MINUTE);
      await store.replace(member(1), NEW_STANDING, disabled);
      await store.replace(member(2), NEW_STANDING, away);
      expect(await leases(1)).toEqual(["all-away"]);
      await store.replace(member(1), disabled, enable(disabled, at));
      await store.replace(member(2), away, enable(away, at));
      expect(await leases(1)).toEqual(["all-busy"]);
      await store.release(member(1), one.lease.id);
      await store.release(member(2), two.lease.id);
      expect((await leases(3)).toSorted()).toEqual([1, 2, "all-busy"]);
    },
  },

  "a key that comes back sooner than a lease runs out is what one waits for": {
    check: async ({ store, now }) => {
      await load(store, seat(1, ONE), seat(2));
      await lent(store, { ttlMs: MINUTE });
      const at = await now();
      await store.replace(member(2), NEW_STANDING, coolingUntil(at + 30_000));
      expect(await lease(store)).toMatchObject({ status: "all-busy", until: at + 30_000 });
    },
  },

  "another limit counts at once, and no lease is taken away by it": {
    check: async ({ store, leases }) => {
      await load(store, seat(1, { maxInFlight: 2 }));
      const put = (maxInFlight: number | null, placement: number) =>
        store.put([seat(1, { maxInFlight, placement })]);
      const [one, two] = [await lent(store), await lent(store)];
      expect(await leases(1)).toEqual(["all-busy"]);
      await put(3, 1);
      const three = await lent(store);
      expect(await leases(1)).toEqual(["all-busy"]);
      await put(1, 2);
      expect(await store.countLeases([member(1)])).toEqual([3]);
      for (const { lease } of [one, two]) {
        await store.release(member(1), lease.id);
        expect(await leases(1)).toEqual(["all-busy"]);
      }
      await store.release(member(1), three.lease.id);
      expect(await leases(2)).toEqual([1, "all-busy"]);
      await put(null, 3);
      expect(await leases(2)).toEqual([1, 1]);
      await put(2, 2);
      expect(await leases(1)).toEqual([1]);
    },
  },

  "a pool that is loaded again keeps its leases": {
    check: async ({ store, other, leases }) => {
      await load(store, seat(1, ONE), seat(2, ONE));
      expect(await leases(1)).toEqual([1]);
      await load(other, seat(1, ONE), seat(2, ONE), seat(3, ONE));
      expect(await leases(3)).toEqual([2, 3, "all-busy"]);
    },
  },

  "a key that is moved takes its leases along": {
    check: async ({ store, other, leases }) => {
      await load(store, seat(1, { maxInFlight: 2 }));
      await store.load(WESTUS, reading([]));
      const { lease: given } = await lent(store);
      const moved = { region: "westus", placement: 1, maxInFlight: 2 };
      await store.leave(member(1));
      const dropped = await other.drop(member(1, { placement: 1 }));
      expect(dropped).toEqual({ standing: NEW_STANDING, leases: [given] });
      // They count where they were until they are carried off; another who moves the key finds them too.
      expect((await store.drop(member(1, { placement: 1 }))).leases).toEqual([given]);
      await store.put([{ ...seat(1, moved), leases: dropped.leases }]);
      expect(await leases(2, WESTUS)).toEqual([1, "all-busy"]);
      expect((await store.release(member(1, moved), given.id)).status).toBe("returned");
      expect(await leases(2, WESTUS)).toEqual([1, "all-busy"]);
    },
  },

  "a lease is not renewed where its key has been dropped, since its deadline has come along by then": {
    check: async ({ store, other }) => {
      await load(store, seat(1), seat(2));
      const { lease } = await lent(store, { ttlMs: MINUTE });
      const { leases } = await store.drop(member(lease.keyId, { placement: 1 }));
      const draft = { id: lease.id, ttlMs: 2 * MINUTE };
      expect(await other.renew(member(lease.keyId), draft)).toEqual({ status: "gone" });
      await store.put([{ ...seat(lease.keyId, { placement: 2 }), leases }]);
      expect((await other.renew(member(lease.keyId), draft)).status).toBe("renewed");
    },
  },

  "a lease that is carried off is no longer there, and whoever comes for it later is told that it was": {
    check: async ({ store, other, reach, leases }) => {
      await load(store, seat(1, { maxInFlight: 3 }));
      const { lease: returned } = await lent(store);
      const { lease: carried } = await lent(store, { ttlMs: SHORT });
      const { lease: kept } = await lent(store);
      await store.release(member(1), returned.id);
      const carry = (by: LeasingStore, id: string) => by.carryOff(member(1), id);
      expect([await carry(store, carried.id), await carry(other, carried.id)]).toEqual([true, true]);
      expect(await carry(store, returned.id)).toBe(false);
      expect(await running(store, seat(1, { maxInFlight: 3 }))).toEqual([kept]);
      expect((await store.release(member(1), carried.id)).status).toBe("gone");
      await reach(carried.until);
      expect(await carry(other, carried.id)).toBe(false);
      expect(await leases(3)).toEqual([1, 1, "all-busy"]);
    },
  },

  "a key that is removed keeps its leases, which go nowhere": {
    check: async ({ store, other }) => {
      await load(store, seat(1));
      const { lease } = await lent(store);
      const removed = member(1, { placement: REMOVED });
      expect(await other.drop(removed)).toEqual({ standing: NEW_STANDING, leases: [] });
      expect(await store.countLeases([member(1)])).toEqual([1]);
      expect((await store.release(member(1), lease.id)).status).toBe("returned");
    },
  },

  "leases of a key that has come back are not carried off by who moved it before": {
    check: async ({ store, other, leases }) => {
      await load(store, seat(1, ONE));
      const { lease } = await lent(store);
      const carry = (placement: number) => other.carryOff(member(1, { placement }), lease.id);
      await store.put([{ ...seat(1, { ...ONE, placement: 2 }), leases: [lease] }]);
      expect((await other.drop(member(1, { placement: 1 }))).leases).toEqual([]);
      expect(await carry(1)).toBe(true);
      expect(await leases(1)).toEqual(["all-busy"]);
      await store.release(member(1), lease.id);
      expect(await carry(1)).toBe(false);
      expect(await leases(2)).toEqual([1, "all-busy"]);
    },
  },

  "leases that come along count where the place is overtaken": {
    check: async ({ store, other, now }) => {
      await load(store, seat(1));
      const lease = { id: "x", keyId: 1, until: (await now()) + MINUTE };
      await store.drop(member(1, { placement: 2 }));
      await other.put([{ ...seat(1, { placement: 1 }), leases: [lease] }]);
      expect((await store.drop(member(1, { placement: 2 }))).leases).toEqual([lease]);
    },
  },

  "a lease that is carried off has not ended, and has when it comes back and is returned": {
    check: async ({ store, other, leases }) => {
      await load(store, seat(1, { maxInFlight: 1 }));
      const { lease, list } = await lent(store);
      const nothing = { status: "kept", ended: [], carriedOff: [] };
      const asked = () => other.keep(POOL, [{ ...lease, until: 0 }], list);
      await store.carryOff(member(1), lease.id);
      expect(await asked()).toEqual({ ...nothing, carriedOff: [lease.id] });
      await other.restore(POOL, [lease]);
      expect(await asked()).toEqual(nothing);
      expect(await leases(1)).toEqual(["all-busy"]);
      await store.release(member(1), lease.id);
      expect(await asked()).toEqual({ ...nothing, ended: [lease.id] });
      expect(await leases(2)).toEqual([1, "all-busy"]);
    },
  },

  "restoring what is there, or has run out, adds nothing; the later deadline counts": {
    check: async ({ store, other, now, reach, leases }) => {
      await load(store, seat(1, { maxInFlight: 2 }));
      const { lease: given, list } = await lent(store, { ttlMs: SHORT });
      const at = await now();
      const later = { ...given, until: at + MINUTE };
      expect(await other.restore(POOL, [given, { ...given, id: "over", until: at }])).toBe(list);
      await other.restore(POOL, [later]);
      await other.restore(POOL, [given]);
      expect(await running(store, seat(1, { maxInFlight: 2 }))).toEqual([later]);
      await reach(given.until);
      expect(await leases(2)).toEqual([1, "all-busy"]);
    },
  },

  "says which leases of its list have ended, and brings none back; the later deadline counts": {
    check: async ({ store, other, now, reach, leases }) => {
      await load(store, seat(1, { maxInFlight: 3 }));
      const { lease: returned, list } = await lent(store);
      const { lease: over } = await lent(store, { ttlMs: 100 });
      const { lease: lasting } = await lent(store, { ttlMs: MINUTE });
      await store.release(member(1), returned.id);
      await reach(over.until);
      const later = { ...lasting, until: (await now()) + 2 * MINUTE };
      const kept = { status: "kept", ended: [returned.id, over.id], carriedOff: [] };
      const asked = [returned, over, { ...lasting, until: 0 }];
      expect(await other.keep(POOL, asked, list)).toEqual(kept);
      expect(await running(store, seat(1, { maxInFlight: 3 }))).toEqual([lasting]);
      expect(await other.keep(POOL, [returned, over, later], list)).toEqual(kept);
      expect(await running(store, seat(1, { maxInFlight: 3 }))).toEqual([later]);
      expect(await other.keep(POOL, [], list)).toEqual({ status: "kept", ended: [], carriedOff: [] });
      expect(await store.keep(POOL, [returned], "another")).toEqual({ status: "other-list", list });
      expect(await leases(3)).toEqual([1, 1, "all-busy"]);
    },
  },

  "leases are restored whatever the limit, and all of them have to end": {
    check: async ({ store, now, leases }) => {
      await load(store, seat(1, ONE));
      const until = (await now()) + MINUTE;
      await store.restore(
        POOL,
        ["x", "y"].map((id) => ({ id, keyId: 1, until })),
      );
      expect(await store.countLeases([member(1)])).toEqual([2]);
      expect(await store.release(member(1), "x")).toEqual({ status: "returned", hadNoRoom: true });
      expect(await leases(1)).toEqual(["all-busy"]);
      await store.release(member(1), "y");
      expect(await leases(2)).toEqual([1, "all-busy"]);
    },
  },

  "answers who has seen another list which one it is, and changes nothing": {
    check: async ({ store, other }) => {
      await load(store, seat(1, ONE));
      const { lease: given, list } = await lent(store, {}, "another");
      expect(await other.listOf(POOL)).toBe(list);
      const otherList = { status: "other-list", list };
      const draft = { id: given.id, ttlMs: 1 };
      expect(await store.release(member(1), given.id, "another")).toEqual(otherList);
      expect(await store.renew(member(1), draft, "another")).toEqual(otherList);
      expect(await store.lease(POOL, "sticky", draft, "another")).toEqual(otherList);
      expect(await running(store, seat(1, ONE))).toEqual([given]);
      expect((await store.release(member(1), given.id, list)).status).toBe("returned");
    },
  },

  "a list that is lost is another one, and has what is restored": {
    needs: "lose",
    check: async ({ store, other, lose, leases }) => {
      await load(store, seat(1, ONE), seat(2, ONE));
      const { lease: given, list } = await lent(store);
      await lent(store);
      await lose();
      expect(await leases(1)).toEqual(["unloaded"]);
      expect(await store.listOf(POOL)).not.toBe(list);
      const now = await other.restore(POOL, [given]);
      await load(store, seat(1, ONE), seat(2, ONE));
      expect(now).not.toBe(list);
      expect(await store.listOf(POOL)).toBe(now);
      expect(await leases(2)).toEqual([2, "all-busy"]);
    },
  },
};

function situationOf(opened: OpenLeaseStore): Situation {
  const { store } = opened;
  return {
    ...opened,
    lose: async () => opened.lose?.(),
    now: async () => {
      const held = await store.read(member(1));
      if (held.status !== "held") throw new Error(`Key 1 is ${held.status}`);
      return held.at;
    },
    leases: async (count, from = POOL, by = store, rotation = "round_robin") => {
      const ids: (number | string)[] = [];
      for (let i = 0; i < count; i++) {
        const turn = await lease(by, {}, undefined, from, rotation);
        ids.push(turn.status === "taken" ? turn.lease.keyId : turn.status);
      }
      return ids;
    },
  };
}

function lease(
  store: LeasingStore,
  { ttlMs = MINUTE }: { readonly ttlMs?: number } = {},
  seen?: string,
  from: Pool = POOL,
  rotation: RotationStrategy = "round_robin",
) {
  return store.lease(from, rotation, { id: `lease-${++drafts}`, ttlMs }, seen);
}

/** The next lease, also for who has seen another list. */
async function lent(
  store: LeasingStore,
  draft: { readonly ttlMs?: number } = {},
  seen?: string,
  from: Pool = POOL,
) {
  let turn = await lease(store, draft, seen, from);
  if (turn.status === "other-list") turn = await lease(store, draft, turn.list, from);
  if (turn.status !== "taken") throw new Error(`No key is leased: ${turn.status}`);
  return turn;
}

/** The leases of a key that run, as one hears of them who takes it out of its pool; it is put back then. */
async function running(store: LeasingStore, seat: Seat): Promise<readonly Lease[]> {
  const { leases } = await store.drop(seat.member);
  await store.put([seat]);
  return leases;
}

async function taken(store: CooldownStore, from: Pool = POOL): Promise<number | string> {
  const turn = await store.take(from, "round_robin");
  return turn.status === "taken" ? turn.id : turn.status;
}
