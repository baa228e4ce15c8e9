import { expect, it } from "vitest";
import { EventMemory } from "../../../src/application/events/event-memory.ts";
import type { FeedEntry } from "../../../src/domain/index.ts";

const entry = (n: number): FeedEntry => ({
  id: `1-${n}`,
  event: { kind: "setting", at: n, actor: "caller", name: "n", value: null },
});
const idsOf = (entries: readonly FeedEntry[] | undefined) => entries?.map(({ id }) => id);

function holding(count: number): EventMemory {
  const memory = new EventMemory();
  for (let n = 0; n < count; n++) memory.add(entry(n));
  return memory;
}

it("answers entries from a position on, so many at most", () => {
  const memory = holding(5);
  expect(idsOf(memory.from(1, 2))).toEqual(["1-1", "1-2"]);
  expect(idsOf(memory.from(4, 9))).toEqual(["1-4"]);
  expect(memory.from(5, 9)).toEqual([]);
});

it("finds the position behind an id, also behind the last that it has let go", () => {
  const memory = holding(10_003);
  expect(memory.behind("1-10002")).toBe(10_003);
  expect(memory.behind("1-3")).toBe(4);
  expect(idsOf(memory.from(memory.behind("1-2") ?? -1, 1))).toEqual(["1-3"]);
  expect(memory.behind("1-1")).toBeUndefined();
  expect(memory.behind("2-7")).toBeUndefined();
});

it("keeps the last 10,000 and says when what is asked for is not among them", () => {
  const memory = holding(10_001);
  expect(memory.from(0, 1)).toBeUndefined();
  expect(idsOf(memory.from(1, 1))).toEqual(["1-1"]);
  expect(idsOf(memory.from(10_000, 5))).toEqual(["1-10000"]);
});

it("knows no position from before it has forgotten, the end included", () => {
  const memory = holding(3);
  const end = memory.end;
  memory.forget();
  expect(memory.from(end, 1)).toBeUndefined();
  expect(memory.lastId).toBeUndefined();
  expect(memory.behind("1-2")).toBeUndefined();
  memory.add(entry(9));
  expect(idsOf(memory.from(end + 1, 5))).toEqual(["1-9"]);
  expect(memory.lastId).toBe("1-9");
});
