import { beforeEach, describe, expect, it } from "vitest";
import { GivenLeases } from "../../../src/application/keyring/given-leases.ts";
import type { Lease } from "../../../src/domain/index.ts";

const EAST = { service: "speech", region: "eastasia" } as const;
const WEST = { service: "speech", region: "westus" } as const;

let given: GivenLeases;
beforeEach(() => {
  given = new GivenLeases();
});

const lease = (id: string, until = 1_000): Lease => ({ id, keyId: 1, until });
const running = () => Array.from(given.running(), ({ lease: { id } }) => id);
const leftOver = () =>
  Array.from(given.leftOver(), ({ lease: { id }, before }) => [id, ...before.map(({ list }) => list)]);

it("the list that has all that was given is kept for each service and region", () => {
  given.see(EAST, "one");
  given.see(WEST, "two");
  given.see({ ...EAST, service: "translation" }, "three");
  given.see(EAST, "four");
  const pools = [
    EAST,
    WEST,
    { ...EAST, service: "translation" },
    { ...WEST, service: "translation" },
  ] as const;
  expect(pools.map((pool) => given.listOf(pool))).toEqual(["four", "two", "three", undefined]);
});

describe("what has ended", () => {
  it("in the only list that it was in is forgotten", () => {
    given.give(lease("a"), EAST, "one");
    given.ended("a", EAST, "one");
    expect([given.size, leftOver()]).toEqual([0, []]);
  });

  it("while another list was in use is left over for the one that may have it", () => {
    given.give(lease("a"), EAST, "one");
    given.ended("a", EAST, "two");
    expect([given.size, leftOver()]).toEqual([0, [["a", "one"]]]);
  });

  it("is left over for each list that it was in before, until that is cleared", () => {
    given.give(lease("a"), EAST, "one");
    given.restored("a", EAST, "two");
    given.renew(lease("a", 2_000), WEST, "three");
    given.ended("a", WEST, "three");
    expect(leftOver()).toEqual([["a", "two", "one"]]);
    given.cleared("a", WEST, "two");
    given.cleared("a", EAST, "two");
    expect(leftOver()).toEqual([["a", "one"]]);
    given.cleared("a", EAST, "one");
    expect(leftOver()).toEqual([]);
  });

  it("is no longer among those that run, whoever asks again", () => {
    given.give(lease("a"), EAST, "one");
    given.ended("a", EAST, "one");
    given.restored("a", EAST, "two");
    given.ended("a", EAST, "two");
    expect([running(), leftOver()]).toEqual([[], []]);
  });
});

it("a lease that another process gave counts as given by the one that renews it", () => {
  given.renew(lease("a"), EAST, "one");
  expect(running()).toEqual(["a"]);
});

it("a renewal has the new deadline", () => {
  given.give(lease("a"), EAST, "one");
  given.renew(lease("a", 5_000), EAST, "one");
  expect([...given.running()]).toMatchObject([{ lease: { until: 5_000 }, before: [] }]);
});

it("what has run out by now is forgotten, and nothing else", () => {
  given.give(lease("a", 1_000), EAST, "one");
  given.give(lease("b", 1_001), EAST, "one");
  for (const [id, until] of [
    ["c", 1_000],
    ["d", 1_001],
  ] as const) {
    given.give(lease(id, until), EAST, "one");
    given.ended(id, EAST, "two");
  }
  given.forgetOver(1_000);
  expect([running(), leftOver()]).toEqual([["b"], [["d", "one"]]]);
});

it("rounds come to each that runs once, and end where there are fewer", () => {
  for (const id of ["a", "b", "c"]) given.give(lease(id), EAST, "one");
  const next = (count: number) => given.next(count).map(({ lease: { id } }) => id);
  expect(next(2)).toEqual(["a", "b"]);
  given.give(lease("d"), EAST, "one");
  given.ended("c", EAST, "one");
  expect([next(2), next(9)]).toEqual([[], ["a", "b", "d"]]);
});
