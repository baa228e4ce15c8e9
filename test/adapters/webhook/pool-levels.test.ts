import { describe, expect, it } from "vitest";
import { PoolLevels } from "../../../src/adapters/webhook/pool-levels.ts";

const QUIET_MS = 60_000;

const place = (enabled: number, region = "eastasia") =>
  ({ service: "speech", region, counts: { enabled, cooldown: 1, disabled: 0 } }) as const;

/** The levels that are told of, with so many usable keys at each instant. */
function toldOf(...seen: readonly (readonly [at: number, usable: number])[]) {
  const levels = new PoolLevels({ lowAt: 2, quietMs: QUIET_MS });
  return seen.map(([at, usable]) => levels.changes([place(usable)], at).map(({ level }) => level)[0]);
}

describe("a pool", () => {
  it("is told of once when it gets low, once when it is empty, and once when it is well again", () => {
    const seen = [3, 2, 1, 0, 0, 3, 3].map((usable, n) => [n * QUIET_MS, usable] as const);
    expect(toldOf(...seen)).toEqual([undefined, "low", undefined, "empty", undefined, "well", undefined]);
  });

  it("is told of at once when it gets worse, and of what is better only after a while", () => {
    expect(
      toldOf([0, 3], [1, 2], [2, 0], [3, 3], [4, 1], [5, 0], [QUIET_MS + 1, 5], [QUIET_MS + 2, 5]),
    ).toEqual([undefined, "low", "empty", undefined, undefined, undefined, undefined, "well"]);
  });

  it("is not told of when it is low from the beginning, but when it is empty", () => {
    expect(toldOf([0, 1], [1, 2])).toEqual([undefined, undefined]);
    expect(toldOf([0, 1], [1, 3], [2, 2])).toEqual([undefined, undefined, "low"]);
    expect(toldOf([0, 0], [1, 0])).toEqual(["empty", undefined]);
  });

  it("that is gone is forgotten, and others are told apart", () => {
    const levels = new PoolLevels({ lowAt: 1, quietMs: QUIET_MS });
    levels.changes([place(3), place(3, "westus")], 0);
    expect(levels.changes([place(3), place(1, "westus")], 1)).toMatchObject([
      { level: "low", place: { region: "westus" } },
    ]);
    levels.changes([place(3)], 2);
    expect(levels.changes([place(3), place(1, "westus")], 3)).toEqual([]);
  });
});
