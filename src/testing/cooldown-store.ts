import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type CooldownStore,
  disable,
  enable,
  type Held,
  NEW_STANDING,
  type Pool,
  REMOVED,
  type Standing,
} from "../domain/index.ts";
import { coolingUntil, load, member, POOL, reading, seat } from "./seats.ts";

export interface OpenCooldownStore {
  readonly store: CooldownStore;
  /** A second adapter object on the same backend; the same object where there is only one. */
  readonly other: CooldownStore;
  /** Resolves when the store's clock shows at least this instant. */
  reach(instant: number): Promise<void>;
  /** Makes the backend lose all data; undefined where it can lose none. */
  lose?(): Promise<void>;
  close(): Promise<void>;
}

export interface CooldownStoreDepartures {
  /** Why `follow` seats keys that it does not hold. */
  readonly followSeats?: string;
}

/** The rules of the `CooldownStore` port, for every adapter. `departures` names the exceptions and why. */
export function describeCooldownStore(
  name: string,
  open: () => Promise<OpenCooldownStore>,
  departures: CooldownStoreDepartures = {},
): void {
  describe(`CooldownStore: ${name}`, () => {
    let opened: OpenCooldownStore;

    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    for (const [rule, { check, needs, departure }] of Object.entries(RULES)) {
      test(rule, (context) => {
        if (needs && !opened[needs]) context.skip(`it has no way to ${needs} anything`);
        const reason = departure && departures[departure];
        if (reason) context.skip(reason);
        return check(situationOf(opened));
      });
    }
  });
}

/** The names of the rules that a store breaks, for a test of the rules themselves. */
export async function brokenCooldownStoreRules(open: () => Promise<OpenCooldownStore>): Promise<string[]> {
  const broken: string[] = [];
  for (const [rule, { check, needs }] of Object.entries(RULES)) {
    const opened = await open();
    if (needs && !opened[needs]) continue;
    const isKept = await check(situationOf(opened)).then(
      () => true,
      () => false,
    );
    if (!isKept) broken.push(rule);
    await opened.close();
  }
  return broken;
}

interface Situation extends OpenCooldownStore {
  /** The instant of the clock of the store, which holds key 1. */
  now(): Promise<number>;
  /** The ids of the next turns, or why there are none. */
  takes(count: number, from?: Pool, by?: CooldownStore): Promise<(number | string)[]>;
  /** The standing that is held of a key in eastasia. */
  standing(id: number): Promise<Standing | undefined>;
  lose(): Promise<void>;
}

interface Rule {
  check(situation: Situation): Promise<void>;
  readonly needs?: "lose";
  readonly departure?: keyof CooldownStoreDepartures;
}

const WESTUS = { ...POOL, region: "westus" } as const;
const TAG_A: Pool = { ...POOL, tag: "a" };
const TAG_B: Pool = { ...POOL, tag: "b" };
const MINUTE = 60_000;

const RULES: Readonly<Record<string, Rule>> = {
  "answers unloaded, not empty, for a pool that was never loaded": {
    check: async ({ store, takes }) => {
      expect(await store.take(POOL, "round_robin")).toEqual({ status: "unloaded" });
      expect(await store.take(TAG_A, "sticky")).toEqual({ status: "unloaded" });
      await store.put([seat(1)]);
      expect(await store.take(POOL, "round_robin")).toEqual({ status: "unloaded" });
      await load(store);
      expect(await takes(1)).toEqual([1]);
    },
  },

  "answers empty for a known pool without keys, and for a tag that no key has": {
    check: async ({ store }) => {
      await load(store);
      const turns = [await store.take(POOL, "round_robin"), await store.take(TAG_A, "round_robin")];
      for (const turn of turns) expect(turn).toEqual({ status: "empty", at: expect.any(Number) });
    },
  },

  "takes turns in the order of joining and puts the taken key at the back": {
    check: async ({ store, takes }) => {
      await load(store, seat(3), seat(1), seat(2));
      expect(await takes(5)).toEqual([3, 1, 2, 3, 1]);
    },
  },

  "shares one rotation between adapters on one backend": {
    check: async ({ store, other, takes }) => {
      await load(store, seat(1), seat(2), seat(3));
      expect(await takes(1)).toEqual([1]);
      expect(await takes(1, POOL, other)).toEqual([2]);
      expect(await takes(2)).toEqual([3, 1]);
    },
  },

  "round robin is fair": {
    check: async ({ store, other }) => {
      await load(store, ...Array.from({ length: 20 }, (_, i) => seat(i + 1)));
      const counts = new Map<number | string, number>();
      const ids = await Promise.all(
        Array.from({ length: 200 }, (_, i) => taken(i % 2 ? store : other, POOL)),
      );
      for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
      expect(new Set(counts.values())).toEqual(new Set([10]));
    },
  },

  "sticky takes the front without turning it, until it is away": {
    check: async ({ store, now, takes }) => {
      await load(store, seat(1), seat(2), seat(3));
      const sticky = async () => await taken(store, POOL, "sticky");
      expect([await sticky(), await sticky()]).toEqual([1, 1]);
      await store.replace(member(1), NEW_STANDING, coolingUntil((await now()) + MINUTE));
      expect([await sticky(), await sticky()]).toEqual([2, 2]);
      expect(await takes(2)).toEqual([2, 3]);
    },
  },

  "keeps services, regions and tags apart": {
    check: async ({ store, takes }) => {
      await load(store, seat(1), seat(2, { tag: "a" }), seat(3, { tag: "a" }));
      await store.load(WESTUS, reading([seat(4, { region: "westus" })]));
      await store.load({ ...POOL, service: "translation" }, reading([seat(5, { service: "translation" })]));
      expect(await takes(2, TAG_A)).toEqual([2, 3]);
      expect(await takes(2, WESTUS)).toEqual([4, 4]);
      expect(await takes(1, { ...POOL, service: "translation" })).toEqual([5]);
    },
  },

  "a turn by tag turns the tag's queue only, and one without the pool's own": {
    check: async ({ store, takes }) => {
      await load(store, seat(1, { tag: "a" }), seat(2, { tag: "a" }), seat(3));
      expect(await takes(1, TAG_A)).toEqual([1]);
      expect(await takes(4)).toEqual([1, 2, 3, 1]);
      expect(await takes(2, TAG_A)).toEqual([2, 1]);
    },
  },

  "never takes a disabled key, and says until when and why all the others are away": {
    check: async ({ store, now }) => {
      await load(store, seat(1), seat(2, { tag: "a" }), seat(3));
      const at = await now();
      const away = coolingUntil(at + 90_000);
      await store.replace(member(3), NEW_STANDING, disable(NEW_STANDING, at));
      await store.replace(member(1), NEW_STANDING, away);
      await store.replace(member(2, { tag: "a" }), NEW_STANDING, coolingUntil(at + MINUTE));
      for (const turn of [await store.take(POOL, "round_robin"), await store.take(TAG_A, "sticky")]) {
        expect(turn).toEqual({
          status: "all-away",
          until: at + MINUTE,
          reason: "cooldown",
          at: expect.any(Number),
        });
        expect(turn.status === "all-away" && turn.at).toBeGreaterThanOrEqual(at);
      }
      await store.replace(member(1), away, disable(away, at));
      await store.drop(member(2, { tag: "a" }));
      expect((await store.take(POOL, "round_robin")).status).toBe("empty");
      expect((await store.take(TAG_A, "round_robin")).status).toBe("empty");
    },
  },

  "I3 a key is back at its deadline to the millisecond, by deadline, then by id": {
    check: async ({ store, now, reach, takes }) => {
      await load(store, seat(1), seat(2, { tag: "a" }), seat(3), seat(4));
      const deadline = (await now()) + 500;
      await store.replace(member(3), NEW_STANDING, coolingUntil(deadline));
      await store.replace(member(2, { tag: "a" }), NEW_STANDING, coolingUntil(deadline));
      await store.replace(member(4), NEW_STANDING, coolingUntil(deadline - 1));
      await store.replace(member(1), NEW_STANDING, coolingUntil(deadline + 600_000));
      await reach(deadline);
      expect(await takes(3)).toEqual([4, 2, 3]);
      expect(await takes(1, TAG_A)).toEqual([2]);
    },
  },

  "a key that was back already joins before one that is put later": {
    check: async ({ store, now, reach, takes }) => {
      await load(store, seat(1));
      const deadline = (await now()) + 20;
      await store.replace(member(1), NEW_STANDING, coolingUntil(deadline));
      await reach(deadline);
      await store.put([seat(2)]);
      expect(await takes(2)).toEqual([1, 2]);
    },
  },

  "calls of one process take effect in their order": {
    check: async ({ store, takes }) => {
      await load(store, seat(1), seat(2));
      await Promise.all([store.put([seat(1)]), store.leave(member(1))]);
      expect(await takes(2)).toEqual([2, 2]);
      await Promise.all([store.leave(member(1)), store.put([seat(1)])]);
      expect((await takes(2)).toSorted()).toEqual([1, 2]);
    },
  },

  "a key of one pool is not held in another": {
    check: async ({ store, takes }) => {
      await load(store, seat(1));
      await store.load(WESTUS, reading([]));
      const inWestus = member(1, { region: "westus" });
      expect(await store.read(inWestus)).toEqual({ status: "missing" });
      expect(await store.replace(inWestus, NEW_STANDING, coolingUntil(5))).toBe(false);
      await store.leave(inWestus);
      await store.leave(inWestus, "tag");
      expect(await takes(1)).toEqual([1]);
    },
  },

  "a key that was dropped in one pool can be put in another": {
    check: async ({ store, now, takes }) => {
      await load(store, seat(1), seat(2));
      await store.load(WESTUS, reading([]));
      const away = coolingUntil((await now()) + MINUTE);
      await store.drop(member(1));
      await store.put([seat(1, { region: "westus", standing: away })]);
      expect(await store.read(member(1))).toEqual({ status: "missing" });
      expect((await store.take(WESTUS, "round_robin")).status).toBe("all-away");
      expect(await takes(2)).toEqual([2, 2]);
    },
  },

  "read answers the standing with the clock's instant": {
    check: async ({ store, other, now }) => {
      await load(store, seat(1));
      const before = await now();
      const held = await other.read(member(1));
      expect(held).toEqual({ status: "held", standing: NEW_STANDING, at: expect.any(Number) });
      expect(held.status === "held" && held.at).toBeGreaterThanOrEqual(before);
    },
  },

  "read distinguishes a key that is missing in a known pool from one of an unknown pool": {
    check: async ({ store, standing }) => {
      expect(await store.read(member(1))).toEqual({ status: "unloaded" });
      await store.put([seat(1)]);
      expect(await standing(1)).toEqual(NEW_STANDING);
      expect(await store.read(member(2))).toEqual({ status: "unloaded" });
      await load(store);
      expect(await store.read(member(2))).toEqual({ status: "missing" });
      expect(await store.read(member(2, { region: "westus" }))).toEqual({ status: "unloaded" });
    },
  },

  "keeps every fact of a standing": {
    check: async ({ store, other }) => {
      await load(store, seat(1));
      const rest = { cooldownUntil: 5_000, protectedUntil: 9_000, generation: 7 };
      const code = { disabledBy: "code", disabledCode: 401, disabledAt: 1_700_000_000_001 } as const;
      const standings: Standing[] = [
        { status: "disabled", ...code, ...rest },
        { status: "disabled", disabledBy: "person", disabledAt: 1_700_000_000_002, ...rest },
        { status: "enabled", ...rest, generation: 8 },
      ];
      let held = NEW_STANDING;
      for (const next of standings) {
        expect(await store.replace(member(1), held, next)).toBe(true);
        expect(await other.read(member(1))).toMatchObject({ standing: next });
        held = next;
      }
    },
  },

  "replace swaps only what was expected, so that one of many racers wins": {
    check: async ({ store, other, now, standing }) => {
      await load(store, seat(1));
      const at = await now();
      const racers = Array.from({ length: 50 }, (_, i) => coolingUntil(at + MINUTE + i));
      const won = await Promise.all(
        racers.map((next, i) => (i % 2 ? store : other).replace(member(1), NEW_STANDING, next)),
      );
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(await standing(1)).toEqual(racers[won.indexOf(true)]);
    },
  },

  "replace with a stale expectation answers false and changes nothing": {
    check: async ({ store, now, standing, takes }) => {
      await load(store, seat(1), seat(2));
      const at = await now();
      const away = coolingUntil(at + MINUTE);
      expect(await store.replace(member(1), NEW_STANDING, away)).toBe(true);
      // Neither a lower nor a higher standing gets in, nor one that differs in a single fact.
      for (const next of [NEW_STANDING, disable(away, at), enable(away, at)]) {
        expect(await store.replace(member(1), NEW_STANDING, next)).toBe(false);
        expect(
          await store.replace(member(1), { ...away, protectedUntil: away.protectedUntil + 1 }, next),
        ).toBe(false);
      }
      expect(await standing(1)).toEqual(away);
      expect(await takes(2)).toEqual([2, 2]);
      expect(await store.replace(member(9), NEW_STANDING, away)).toBe(false);
      expect(await store.read(member(9))).toEqual({ status: "missing" });
    },
  },

  "replace can lower a standing, and no adapter raises it again": {
    check: async ({ store, other, now, standing, takes }) => {
      await load(store, seat(1), seat(2));
      const at = await now();
      const forged: Standing = { ...coolingUntil(at + MINUTE), generation: 99 };
      const longer = coolingUntil(at + 2 * MINUTE);
      for (const high of [forged, longer]) {
        await store.replace(member(1), NEW_STANDING, high);
        expect(await other.read(member(1))).toMatchObject({ standing: high });
        expect(await takes(1)).toEqual([2]);
        expect(await store.replace(member(1), high, NEW_STANDING)).toBe(true);
        expect(await other.read(member(1))).toMatchObject({ standing: NEW_STANDING });
        expect(await standing(1)).toEqual(NEW_STANDING);
        expect(await takes(2)).toEqual([2, 1]);
      }
    },
  },

  "a key that becomes available joins at the back, one that was so keeps its place": {
    check: async ({ store, now, takes }) => {
      await load(store, seat(1), seat(2), seat(3));
      const at = await now();
      const disabled = disable(NEW_STANDING, at);
      await store.replace(member(1), NEW_STANDING, disabled);
      await store.replace(member(1), disabled, enable(disabled, at));
      await store.replace(member(2), NEW_STANDING, { ...NEW_STANDING, generation: 1 });
      expect(await takes(3)).toEqual([2, 3, 1]);
    },
  },

  "put merges: a lower standing changes nothing and the key keeps its place": {
    check: async ({ store, now, standing, takes }) => {
      await load(store, seat(1), seat(2));
      const at = await now();
      const away = coolingUntil(at + MINUTE);
      await store.replace(member(2), NEW_STANDING, away);
      await store.put([seat(1), seat(2)]);
      expect(await standing(2)).toEqual(away);
      expect(await takes(2)).toEqual([1, 1]);
      await store.put([seat(2, { standing: enable(away, at) })]);
      expect(await takes(2)).toEqual([1, 2]);
    },
  },

  "put with another standing that is available as well keeps the key's places": {
    check: async ({ store, takes }) => {
      await load(store, seat(1, { tag: "a" }), seat(2, { tag: "a" }));
      await store.put([seat(1, { tag: "a", standing: { ...NEW_STANDING, generation: 1 } })]);
      expect(await takes(2, TAG_A)).toEqual([1, 2]);
      expect(await takes(2)).toEqual([1, 2]);
    },
  },

  "put can add a key that is away or disabled": {
    check: async ({ store, now }) => {
      await load(store, seat(1));
      const at = await now();
      await store.drop(member(1));
      await store.put([seat(2, { standing: coolingUntil(at + MINUTE) })]);
      await store.put([seat(3, { standing: disable(NEW_STANDING, at) })]);
      expect((await store.take(POOL, "round_robin")).status).toBe("all-away");
    },
  },

  "put with another tag moves the key between the tags' queues and keeps its place in the pool": {
    check: async ({ store, takes }) => {
      await load(store, seat(1, { tag: "a" }), seat(2));
      await store.put([seat(1, { tag: "b" })]);
      expect((await store.take(TAG_A, "round_robin")).status).toBe("empty");
      expect(await takes(1, TAG_B)).toEqual([1]);
      expect(await takes(2)).toEqual([1, 2]);
      await store.put([seat(1)]);
      expect((await store.take(TAG_B, "round_robin")).status).toBe("empty");
      expect(await takes(2)).toEqual([1, 2]);
    },
  },

  "follow merges standings and answers, in order, what is held afterwards": {
    departure: "followSeats",
    check: async ({ store, now, standing, takes }) => {
      await load(store, seat(1), seat(2, { tag: "a" }), seat(3));
      const at = await now();
      const away = coolingUntil(at + MINUTE);
      const answers = await store.follow([
        seat(4),
        seat(1, { standing: away }),
        seat(2, { region: "westus" }),
        seat(3),
      ]);
      const held = { status: "held", standing: NEW_STANDING, at: expect.any(Number) };
      expect(answers).toEqual([
        { status: "missing" },
        { ...held, standing: away },
        { status: "unloaded" },
        held,
      ]);
      for (const answer of answers) {
        if (answer.status === "held") expect(answer.at).toBeGreaterThanOrEqual(at);
      }
      expect(await store.follow([seat(1)])).toEqual([{ ...held, standing: away }]);
      expect(await standing(1)).toEqual(away);
      expect(await takes(2)).toEqual([2, 3]);
      expect(await store.follow([])).toEqual([]);
    },
  },

  "follow adds, moves, tags and re-seats no key": {
    departure: "followSeats",
    check: async ({ store, takes }) => {
      await load(store, seat(1, { tag: "a" }), seat(2, { tag: "a" }), seat(3));
      await store.load(WESTUS, reading([]));
      await store.leave(member(3));
      const higher = { ...NEW_STANDING, generation: 1 };
      const seats = [
        seat(1, { tag: "b", standing: higher }),
        seat(2, { region: "westus" }),
        seat(3, { standing: higher }),
        seat(4),
      ];
      const statuses = (await store.follow(seats)).map(({ status }) => status);
      expect(statuses).toEqual(["held", "missing", "held", "missing"]);
      expect(await takes(3)).toEqual([1, 2, 1]);
      expect(await takes(3, TAG_A)).toEqual([1, 2, 1]);
      expect((await store.take(TAG_B, "round_robin")).status).toBe("empty");
      expect((await store.take(WESTUS, "round_robin")).status).toBe("empty");
    },
  },

  "follow lets a key that becomes available join at the back": {
    check: async ({ store, now, takes }) => {
      await load(store, seat(1), seat(2));
      const disabled = disable(NEW_STANDING, await now());
      await store.replace(member(1), NEW_STANDING, disabled);
      await store.follow([seat(1, { standing: enable(disabled, 0) })]);
      expect(await takes(2)).toEqual([2, 1]);
    },
  },

  "a key that left is not handed out, while its standing can be read, replaced and followed": {
    check: async ({ store, now, standing, takes }) => {
      await load(store, seat(1, { tag: "a" }));
      const there = member(1, { tag: "a" });
      await store.leave(there);
      const noTurn = async () => {
        expect((await store.take(POOL, "round_robin")).status).toBe("empty");
        expect((await store.take(TAG_A, "round_robin")).status).toBe("empty");
      };
      await noTurn();
      const at = await now();
      const disabled = disable(NEW_STANDING, at);
      const enabledAgain = enable(disabled, at);
      expect(await store.replace(there, NEW_STANDING, disabled)).toBe(true);
      expect(await store.replace(there, disabled, enabledAgain)).toBe(true);
      expect(await standing(1)).toEqual(enabledAgain);
      await noTurn();
      await store.put([{ member: there, standing: NEW_STANDING }]);
      expect(await takes(1)).toEqual([1]);
      expect(await takes(1, TAG_A)).toEqual([1]);
      await store.leave(member(9));
    },
  },

  "a key that is put as one that has left joins no queue, and takes along what is new": {
    check: async ({ store, standing, takes }) => {
      await load(store, seat(1, { tag: "a" }), seat(2));
      await store.load(WESTUS, reading([]));
      const higher = { ...NEW_STANDING, generation: 1 };
      const limited = seat(1, { tag: "a", maxInFlight: 9, placement: 1, standing: higher });
      await store.put([{ ...limited, hasLeft: true }, seat(3)]);
      expect(await standing(1)).toEqual(higher);
      expect(await takes(3)).toEqual([2, 3, 2]);
      expect((await store.take(TAG_A, "round_robin")).status).toBe("empty");
      const there = { tag: "a", region: "westus", placement: 2 };
      await store.drop(member(1, { tag: "a", placement: 2 }));
      await store.put([{ ...seat(1, there), hasLeft: true }]);
      expect(await store.read(member(1, there))).toMatchObject({ status: "held", hasLeft: true });
      expect((await store.take(WESTUS, "round_robin")).status).toBe("empty");
      await store.put([seat(1, { ...there, placement: 3 })]);
      expect(await taken(store, WESTUS)).toBe(1);
    },
  },

  "says of a key that it has left, until it is put": {
    departure: "followSeats",
    check: async ({ store, other }) => {
      await load(store, seat(1));
      await store.leave(member(1));
      for (const held of [await store.read(member(1)), ...(await other.follow([seat(1)]))]) {
        expect(held).toMatchObject({ status: "held", standing: NEW_STANDING, hasLeft: true });
      }
      await store.put([seat(1)]);
      for (const held of [await store.read(member(1)), ...(await other.follow([seat(1)]))]) {
        expect(held).not.toHaveProperty("hasLeft");
      }
    },
  },

  "a key that leaves its tag has none, and keeps its place in the pool": {
    check: async ({ store, now, takes }) => {
      await load(store, seat(1, { tag: "a" }), seat(2, { tag: "a" }), seat(3));
      // The caller may not know the tag it has by now.
      await store.leave(member(1, { tag: "old" }), "tag");
      expect(await takes(2, TAG_A)).toEqual([2, 2]);
      expect(await takes(3)).toEqual([1, 2, 3]);
      const disabled = disable(NEW_STANDING, await now());
      await store.replace(member(1), NEW_STANDING, disabled);
      await store.replace(member(1), disabled, enable(disabled, 0));
      expect(await takes(2, TAG_A)).toEqual([2, 2]);
      await store.put([seat(1, { tag: "b" })]);
      expect(await takes(1, TAG_B)).toEqual([1]);
      expect(await takes(3)).toEqual([2, 3, 1]);
      await store.leave(member(9), "tag");
    },
  },

  "a key that leaves its tag while it has left its pool stays out of that": {
    check: async ({ store }) => {
      await load(store, seat(1, { tag: "a" }));
      await store.leave(member(1));
      await store.leave(member(1), "tag");
      expect((await store.take(POOL, "round_robin")).status).toBe("empty");
      expect((await store.take(TAG_A, "round_robin")).status).toBe("empty");
    },
  },

  "drop forgets a key and answers what it had": {
    check: async ({ store, now, takes }) => {
      await load(store, seat(1), seat(2, { tag: "a" }));
      const away = coolingUntil((await now()) + MINUTE);
      await store.replace(member(1), NEW_STANDING, away);
      expect(await store.drop(member(1))).toEqual({ standing: away, leases: [] });
      expect(await store.drop(member(1))).toEqual({ standing: undefined, leases: [] });
      expect(await store.read(member(1))).toEqual({ status: "missing" });
      expect(await takes(2)).toEqual([2, 2]);
      // An instance that drops a key which another one has put may not know its tag.
      await store.drop(member(2));
      expect((await store.take(TAG_A, "round_robin")).status).toBe("empty");
    },
  },

  "a place that comes too late brings no key back to a pool that it has left": {
    check: async ({ store, other }) => {
      await load(store, seat(1));
      await store.drop(member(1, { placement: 2 }));
      await other.put([seat(1, { placement: 1 })]);
      await load(other, seat(1));
      expect(await store.read(member(1))).toEqual({ status: "missing" });
      await other.put([seat(1, { placement: 2 })]);
      expect(await taken(store, POOL)).toBe(1);
    },
  },

  "a place that comes too late brings no key to a pool that has not known it": {
    check: async ({ store, other }) => {
      await load(store);
      await store.drop(member(1, { placement: REMOVED }));
      await other.put([seat(1, { placement: 7 })]);
      expect((await store.take(POOL, "round_robin")).status).toBe("empty");
    },
  },

  "a tag that comes too late changes no tag, and its standing is merged": {
    check: async ({ store, other, now, standing, takes }) => {
      await load(store, seat(1), seat(2));
      await store.put([seat(1, { tag: "b", placement: 2 })]);
      await other.put([seat(1, { tag: "a", placement: 1 })]);
      expect((await store.take(TAG_A, "round_robin")).status).toBe("empty");
      expect(await takes(1, TAG_B)).toEqual([1]);
      const away = coolingUntil((await now()) + MINUTE);
      await other.put([seat(1, { tag: "a", placement: 1, standing: away })]);
      expect(await standing(1)).toEqual(away);
      expect(await takes(2)).toEqual([2, 2]);
      expect((await store.take(TAG_B, "round_robin")).status).toBe("all-away");
    },
  },

  "a drop that comes too late leaves a key that has come back": {
    check: async ({ store, other, takes }) => {
      await load(store, seat(1));
      await store.put([seat(1, { placement: 2 })]);
      expect((await other.drop(member(1, { placement: 1 }))).standing).toBeUndefined();
      expect(await takes(1)).toEqual([1]);
      expect((await other.drop(member(1, { placement: 3 }))).standing).toEqual(NEW_STANDING);
      expect((await store.take(POOL, "round_robin")).status).toBe("empty");
    },
  },

  "a key that has left stays out when a place comes too late": {
    check: async ({ store, other }) => {
      await load(store, seat(1, { placement: 0 }));
      await store.put([seat(1, { placement: 2 })]);
      await store.leave(member(1));
      await other.put([seat(1, { placement: 1 })]);
      expect((await store.take(POOL, "round_robin")).status).toBe("empty");
      await other.put([seat(1, { placement: 2 })]);
      expect(await taken(store, POOL)).toBe(1);
    },
  },

  "load reads once, puts the chunks in their order, and makes the pool known at the end": {
    check: async ({ store, takes }) => {
      let readings = 0;
      await store.load(POOL, async function* () {
        readings++;
        yield [seat(3), seat(1, { tag: "a" })];
        expect((await store.take(POOL, "round_robin")).status).toBe("unloaded");
        yield [];
        yield [seat(2, { tag: "a" })];
      });
      expect(readings).toBe(1);
      expect(await takes(3)).toEqual([3, 1, 2]);
      expect(await takes(2, TAG_A)).toEqual([1, 2]);
    },
  },

  "load keeps keys away that are away already, and may be repeated": {
    check: async ({ store, other, now, takes }) => {
      await load(store, seat(1), seat(2));
      await store.replace(member(1), NEW_STANDING, coolingUntil((await now()) + MINUTE));
      await load(other, seat(1), seat(2), seat(3));
      expect(await takes(3)).toEqual([2, 3, 2]);
    },
  },

  "load may be run by several at the same time": {
    check: async ({ store, other, takes }) => {
      await store.load(POOL, async function* () {
        yield [seat(1)];
        await load(other, seat(1), seat(2));
        expect(await taken(other, POOL)).toBe(1);
        yield [seat(2), seat(3)];
      });
      expect(await takes(4)).toEqual([2, 1, 3, 2]);
    },
  },

  "load keeps keys out that have left, until they are put": {
    check: async ({ store, takes }) => {
      await load(store, seat(1), seat(2));
      await store.leave(member(1));
      await load(store, seat(1), seat(2));
      expect(await takes(2)).toEqual([2, 2]);
      await store.put([seat(1)]);
      expect(await takes(2)).toEqual([2, 1]);
    },
  },

  "load throws what the reading throws, and the pool is no more known than before": {
    check: async ({ store, takes }) => {
      const fault = new Error("the database is away");
      const failing = async function* () {
        yield [seat(1)];
        throw fault;
      };
      await expect(store.load(POOL, failing)).rejects.toBe(fault);
      expect(await store.take(POOL, "round_robin")).toEqual({ status: "unloaded" });
      await load(store, seat(1));
      await expect(store.load(POOL, failing)).rejects.toBe(fault);
      expect(await takes(1)).toEqual([1]);
    },
  },

  "a pool that is lost is unloaded until it is loaded again": {
    needs: "lose",
    check: async ({ store, lose, takes }) => {
      await load(store, seat(1), seat(2));
      await lose();
      expect(await store.take(POOL, "round_robin")).toEqual({ status: "unloaded" });
      expect(await store.read(member(1))).toEqual({ status: "unloaded" });
      expect(await store.replace(member(1), NEW_STANDING, coolingUntil(1))).toBe(false);
      await store.put([seat(1)]);
      expect(await store.take(POOL, "round_robin")).toEqual({ status: "unloaded" });
      await load(store, seat(1), seat(2));
      expect(await takes(2)).toEqual([1, 2]);
    },
  },

  "a pool that is lost while it is loaded stays unloaded": {
    needs: "lose",
    check: async ({ store, other, lose, takes }) => {
      const moments = [
        async function* () {
          await lose();
          yield [seat(1), seat(2)];
        },
        async function* () {
          yield [seat(1)];
          await lose();
          yield [seat(2)];
        },
        async function* () {
          yield [seat(1), seat(2)];
          await lose();
        },
        async function* () {
          yield [seat(1)];
          await lose();
          // Another instance uses the pool between two chunks of this one.
          await other.put([seat(3)]);
          yield [seat(2)];
        },
      ];
      for (const read of moments) {
        await store.load(POOL, read);
        expect(await store.take(POOL, "round_robin")).toEqual({ status: "unloaded" });
        await lose();
      }
      await load(store, seat(1), seat(2));
      expect(await takes(2)).toEqual([1, 2]);
    },
  },
};

function situationOf(opened: OpenCooldownStore): Situation {
  const { store } = opened;
  return {
    ...opened,
    lose: async () => opened.lose?.(),
    now: async () => held(await store.read(member(1))).at,
    standing: async (id) => held(await store.read(member(id))).standing,
    takes: async (count, from = POOL, by = store) => {
      const ids: (number | string)[] = [];
      for (let i = 0; i < count; i++) ids.push(await taken(by, from));
      return ids;
    },
  };
}

function held(answer: Held): Extract<Held, { status: "held" }> {
  if (answer.status !== "held") throw new Error(`The key that is asked for is ${answer.status}`);
  return answer;
}

async function taken(store: CooldownStore, from: Pool, rotation: "round_robin" | "sticky" = "round_robin") {
  const turn = await store.take(from, rotation);
  return turn.status === "taken" ? turn.id : turn.status;
}
