import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type CooldownStore,
  disable,
  enable,
  type Member,
  NEW_STANDING,
  type Pool,
  type Standing,
} from "../domain/index.ts";

export interface OpenCooldownStore {
  readonly store: CooldownStore;
  /** A second adapter object on the same backend; the same object where there is only one. */
  readonly other: CooldownStore;
  /** Lets the store's clock reach at least this instant. */
  reach(instant: number): Promise<void>;
  close(): Promise<void>;
}

const pool: Pool = { service: "speech", region: "eastasia" };

export interface CooldownStoreDepartures {
  /** Why `follow` seats keys that it does not hold, where nobody else could. */
  readonly followSeats?: string;
}

/** The rules of the `CooldownStore` port, the same for every adapter but for what it departs from, and why. */
export function describeCooldownStore(
  name: string,
  open: () => Promise<OpenCooldownStore>,
  { followSeats }: CooldownStoreDepartures = {},
): void {
  describe(`CooldownStore: ${name}`, () => {
    let opened: OpenCooldownStore;
    let store: CooldownStore;

    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.close());

    const now = async () => {
      const read = await store.read(member(1));
      if (!read) throw new Error("key 1 is the one whose clock is asked");
      return read.at;
    };
    const takes = async (count: number, from: Pool = pool, by = store) => {
      const ids: (number | string)[] = [];
      for (let i = 0; i < count; i++) ids.push(await taken(by, from));
      return ids;
    };

    test("answers unloaded, not empty, for a pool it was never given", async () => {
      expect(await store.take(pool, "round_robin")).toEqual({ status: "unloaded" });
      await store.put([seat(1)]);
      expect(await store.take(pool, "round_robin")).toEqual({ status: "unloaded" });
      await store.load("speech", "eastasia", []);
      expect(await takes(1)).toEqual([1]);
    });

    test("answers empty for a loaded pool without keys, and for a tag that nobody bears", async () => {
      await store.load("speech", "eastasia", []);
      expect((await store.take(pool, "round_robin")).status).toBe("empty");
      expect((await store.take({ ...pool, tag: "x" }, "round_robin")).status).toBe("empty");
    });

    test("takes turns in the order of joining and puts the taken key at the back", async () => {
      await store.load("speech", "eastasia", [seat(3), seat(1), seat(2)]);
      expect(await takes(5)).toEqual([3, 1, 2, 3, 1]);
    });

    test("shares one rotation between adapters on one backend", async () => {
      await store.load("speech", "eastasia", [seat(1), seat(2), seat(3)]);
      expect(await takes(1)).toEqual([1]);
      expect(await takes(1, pool, opened.other)).toEqual([2]);
      expect(await takes(2)).toEqual([3, 1]);
    });

    test("sticky takes the front without turning it, until it rests", async () => {
      await store.load("speech", "eastasia", [seat(1), seat(2)]);
      const sticky = async () => await taken(store, pool, "sticky");
      expect([await sticky(), await sticky()]).toEqual([1, 1]);
      await store.replace(member(1), NEW_STANDING, coolingUntil((await now()) + 60_000));
      expect([await sticky(), await sticky()]).toEqual([2, 2]);
    });

    test("keeps services, regions and tags apart", async () => {
      await store.load("speech", "eastasia", [seat(1), seat(2, { tag: "a" }), seat(3, { tag: "a" })]);
      await store.load("speech", "westus", [seat(4, { region: "westus" })]);
      await store.load("translation", "eastasia", [seat(5, { service: "translation" })]);
      expect(await takes(2, { ...pool, tag: "a" })).toEqual([2, 3]);
      expect(await takes(2, { ...pool, region: "westus" })).toEqual([4, 4]);
      expect(await takes(1, { ...pool, service: "translation" })).toEqual([5]);
    });

    test("a hand-out by tag turns the tag's queue only", async () => {
      await store.load("speech", "eastasia", [seat(1, { tag: "a" }), seat(2, { tag: "a" }), seat(3)]);
      expect(await takes(1, { ...pool, tag: "a" })).toEqual([1]);
      expect(await takes(3)).toEqual([1, 2, 3]);
      expect(await takes(1, { ...pool, tag: "a" })).toEqual([2]);
    });

    test("never takes a disabled key, and tells when all the others rest", async () => {
      await store.load("speech", "eastasia", [seat(1), seat(2, { tag: "a" }), seat(3)]);
      const at = await now();
      await store.replace(member(3), NEW_STANDING, disable(NEW_STANDING, at));
      await store.replace(member(1), NEW_STANDING, coolingUntil(at + 90_000));
      await store.replace(member(2, { tag: "a" }), NEW_STANDING, coolingUntil(at + 60_000));
      expect(await store.take(pool, "round_robin")).toMatchObject({
        status: "all-cooling",
        availableAt: at + 60_000,
      });
      expect(await store.take({ ...pool, tag: "a" }, "sticky")).toMatchObject({ status: "all-cooling" });
      await store.replace(member(1), coolingUntil(at + 90_000), disable(coolingUntil(at + 90_000), at));
      await store.drop(member(2, { tag: "a" }));
      expect((await store.take(pool, "round_robin")).status).toBe("empty");
      expect((await store.take({ ...pool, tag: "a" }, "round_robin")).status).toBe("empty");
    });

    test("I3 a key is eligible at its deadline to the millisecond, joining by deadline, then by id", async () => {
      await store.load("speech", "eastasia", [seat(1), seat(2, { tag: "a" }), seat(3), seat(4)]);
      const deadline = (await now()) + 40;
      await store.replace(member(3), NEW_STANDING, coolingUntil(deadline));
      await store.replace(member(2, { tag: "a" }), NEW_STANDING, coolingUntil(deadline));
      await store.replace(member(4), NEW_STANDING, coolingUntil(deadline - 1));
      await store.replace(member(1), NEW_STANDING, coolingUntil(deadline + 600_000));
      await opened.reach(deadline);
      expect(await takes(3)).toEqual([4, 2, 3]);
      expect(await takes(1, { ...pool, tag: "a" })).toEqual([2]);
    });

    test("a key that was due joins before one that is put later", async () => {
      await store.load("speech", "eastasia", [seat(1)]);
      const deadline = (await now()) + 20;
      await store.replace(member(1), NEW_STANDING, coolingUntil(deadline));
      await opened.reach(deadline);
      await store.put([seat(2)]);
      expect(await takes(2)).toEqual([1, 2]);
    });

    test("read answers the standing with the clock's instant, and nothing for a key it does not hold there", async () => {
      await store.load("speech", "eastasia", [seat(1)]);
      const before = await now();
      const read = await opened.other.read(member(1));
      expect(read?.standing).toEqual(NEW_STANDING);
      expect(read?.at).toBeGreaterThanOrEqual(before);
      expect(await store.read(member(2))).toBeUndefined();
      expect(await store.read(member(1, { region: "westus" }))).toBeUndefined();
    });

    test("keeps every fact of a standing", async () => {
      await store.load("speech", "eastasia", [seat(1)]);
      const rest = { cooldownUntil: 5_000, protectedUntil: 9_000, generation: 7 };
      const standings: Standing[] = [
        { status: "disabled", disabledBy: "code", disabledCode: 401, disabledAt: 1_700_000_000_001, ...rest },
        { status: "disabled", disabledBy: "person", disabledAt: 1_700_000_000_002, ...rest },
        { status: "enabled", ...rest, generation: 8 },
      ];
      let held = NEW_STANDING;
      for (const next of standings) {
        expect(await store.replace(member(1), held, next)).toBe(true);
        expect((await opened.other.read(member(1)))?.standing).toEqual(next);
        held = next;
      }
    });

    test("replace swaps only what was expected, so that one of many racers wins", async () => {
      await store.load("speech", "eastasia", [seat(1)]);
      const at = await now();
      const racers = Array.from({ length: 50 }, (_, i) => coolingUntil(at + 60_000 + i));
      const won = await Promise.all(
        racers.map((next, i) => (i % 2 ? store : opened.other).replace(member(1), NEW_STANDING, next)),
      );
      expect(won.filter(Boolean)).toHaveLength(1);
      expect((await store.read(member(1)))?.standing).toEqual(racers[won.indexOf(true)]);
      expect(await store.replace(member(9), NEW_STANDING, coolingUntil(at))).toBe(false);
    });

    test("an enabled key joins at the back", async () => {
      await store.load("speech", "eastasia", [seat(1), seat(2), seat(3)]);
      const at = await now();
      const disabled = disable(NEW_STANDING, at);
      await store.replace(member(1), NEW_STANDING, disabled);
      await store.replace(member(1), disabled, enable(disabled, at));
      expect(await takes(3)).toEqual([2, 3, 1]);
    });

    test("put merges: a lower standing changes nothing and the key keeps its place", async () => {
      await store.load("speech", "eastasia", [seat(1), seat(2)]);
      const at = await now();
      const cooling = coolingUntil(at + 60_000);
      await store.replace(member(2), NEW_STANDING, cooling);
      await store.put([seat(1), seat(2)]);
      expect((await store.read(member(2)))?.standing).toEqual(cooling);
      expect(await takes(2)).toEqual([1, 1]);
      const enabledAgain = enable(cooling, at);
      await store.put([seat(2, { standing: enabledAgain })]);
      expect(await takes(2)).toEqual([1, 2]);
    });

    test("put with another standing that rests as little keeps the key's place", async () => {
      await store.load("speech", "eastasia", [seat(1, { tag: "a" }), seat(2, { tag: "a" })]);
      await store.put([seat(1, { tag: "a", standing: { ...NEW_STANDING, generation: 1 } })]);
      expect(await takes(2, { ...pool, tag: "a" })).toEqual([1, 2]);
      expect(await takes(2)).toEqual([1, 2]);
    });

    test("put can add a key that rests or is disabled", async () => {
      await store.load("speech", "eastasia", [seat(1)]);
      const at = await now();
      await store.drop(member(1));
      await store.put([seat(2, { standing: coolingUntil(at + 60_000) })]);
      await store.put([seat(3, { standing: disable(NEW_STANDING, at) })]);
      expect((await store.take(pool, "round_robin")).status).toBe("all-cooling");
    });

    test("put with another tag keeps the key's place in its pool", async () => {
      await store.load("speech", "eastasia", [seat(1, { tag: "a" }), seat(2)]);
      await store.put([seat(1, { tag: "b" })]);
      expect(await takes(2)).toEqual([1, 2]);
    });

    test("put with another tag moves the key between the tags' queues", async () => {
      await store.load("speech", "eastasia", [seat(1, { tag: "a" })]);
      await store.put([seat(1, { tag: "b" })]);
      expect((await store.take({ ...pool, tag: "a" }, "round_robin")).status).toBe("empty");
      expect(await takes(1, { ...pool, tag: "b" })).toEqual([1]);
      await store.put([seat(1)]);
      expect((await store.take({ ...pool, tag: "b" }, "round_robin")).status).toBe("empty");
      expect(await takes(1)).toEqual([1]);
    });

    test("a key that left is handed to nobody, while its standing can be read and replaced", async () => {
      await store.load("speech", "eastasia", [seat(1, { tag: "a" })]);
      const there = member(1, { tag: "a" });
      await store.leave(there);
      expect((await store.take(pool, "round_robin")).status).toBe("empty");
      const at = await now();
      const disabled = disable(NEW_STANDING, at);
      const enabledAgain = enable(disabled, at);
      expect(await store.replace(there, NEW_STANDING, disabled)).toBe(true);
      expect(await store.replace(there, disabled, enabledAgain)).toBe(true);
      expect((await store.take({ ...pool, tag: "a" }, "round_robin")).status).toBe("empty");
      await store.load("speech", "eastasia", [{ member: there, standing: enabledAgain }]);
      expect((await store.take(pool, "round_robin")).status).toBe("empty");
      await store.put([{ member: there, standing: enabledAgain }]);
      expect(await takes(1)).toEqual([1]);
      await store.leave(member(9));
    });

    test.skipIf(followSeats)(
      "follow merges standings of keys it holds and adds, moves and re-seats none",
      async () => {
        await store.load("speech", "eastasia", [seat(1), seat(2, { tag: "a" }), seat(3)]);
        const cooling = coolingUntil((await now()) + 60_000);
        await store.leave(member(3));
        const missing = await store.follow([
          seat(1, { standing: cooling }),
          seat(2, { tag: "b" }),
          seat(2, { region: "westus" }),
          seat(3),
          seat(4),
        ]);
        expect(missing).toEqual([member(2, { region: "westus" }), member(4)]);
        expect((await store.read(member(1)))?.standing).toEqual(cooling);
        expect(await takes(2)).toEqual([2, 2]);
        expect((await store.take({ ...pool, tag: "b" }, "round_robin")).status).toBe("empty");
        await store.follow([seat(1)]);
        expect((await store.read(member(1)))?.standing).toEqual(cooling);
      },
    );

    test("drop forgets a key and answers the standing it had", async () => {
      await store.load("speech", "eastasia", [seat(1), seat(2, { tag: "a" })]);
      const cooling = coolingUntil((await now()) + 60_000);
      await store.replace(member(1), NEW_STANDING, cooling);
      expect(await store.drop(member(1))).toEqual(cooling);
      expect(await store.drop(member(1))).toBeUndefined();
      expect(await store.read(member(1))).toBeUndefined();
      expect(await takes(2)).toEqual([2, 2]);
      // Whoever drops a key that another instance left behind may not know its tag.
      await store.drop(member(2));
      expect((await store.take({ ...pool, tag: "a" }, "round_robin")).status).toBe("empty");
    });

    test("a load that was started makes the pool known, also when somebody else has loaded it meanwhile", async () => {
      const token = await store.startLoad("speech", "eastasia");
      const late = await opened.other.startLoad("speech", "eastasia");
      await store.load("speech", "eastasia", [seat(1)], token);
      expect(await takes(1)).toEqual([1]);
      await opened.other.load("speech", "eastasia", [seat(1), seat(2)], late);
      expect(await takes(2)).toEqual([1, 2]);
      const empty = await store.startLoad("speech", "westus");
      await store.load("speech", "westus", [], empty);
      expect((await store.take({ ...pool, region: "westus" }, "round_robin")).status).toBe("empty");
    });

    test("load keeps what rests already, and may be repeated", async () => {
      await store.load("speech", "eastasia", [seat(1), seat(2)]);
      const cooling = coolingUntil((await now()) + 60_000);
      await store.replace(member(1), NEW_STANDING, cooling);
      await opened.other.load("speech", "eastasia", [seat(1), seat(2), seat(3)]);
      expect(await takes(3)).toEqual([2, 3, 2]);
    });

    test("round robin is fair", async () => {
      await store.load(
        "speech",
        "eastasia",
        Array.from({ length: 20 }, (_, i) => seat(i + 1)),
      );
      const counts = new Map<number | string, number>();
      const ids = await Promise.all(
        Array.from({ length: 200 }, (_, i) => taken(i % 2 ? store : opened.other, pool)),
      );
      for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
      expect(new Set(counts.values())).toEqual(new Set([10]));
    });
  });
}

function member(id: number, changes: Partial<Member> = {}): Member {
  return { id, service: "speech", region: "eastasia", tag: null, ...changes };
}

function seat(
  id: number,
  { standing = NEW_STANDING, ...changes }: Partial<Member & { standing: Standing }> = {},
) {
  return { member: member(id, changes), standing };
}

function coolingUntil(cooldownUntil: number): Standing {
  return { status: "enabled", cooldownUntil, protectedUntil: cooldownUntil + 5_000, generation: 0 };
}

async function taken(store: CooldownStore, from: Pool, rotation: "round_robin" | "sticky" = "round_robin") {
  const turn = await store.take(from, rotation);
  return turn.status === "taken" ? turn.id : turn.status;
}
