import fc from "fast-check";
import { expect, it } from "vitest";
import { TurnRing } from "../../../src/adapters/in-memory/turn-ring.ts";

const id = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constantFrom(2 ** 32 + 1, Number.MAX_SAFE_INTEGER));
const act = fc.oneof(
  fc.constant({ turn: true } as const),
  fc.record({ toggle: id }),
  fc.record({ takeFront: fc.constant(true) }),
);

it("keeps the order of a list, whatever joins, leaves and turns", () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 400 }), (acts) => {
      const ring = new TurnRing();
      let list: number[] = [];
      const toggle = (member: number) => {
        const isIn = list.includes(member);
        if (isIn) ring.remove(member);
        else ring.push(member);
        list = isIn ? list.filter((other) => other !== member) : [...list, member];
      };
      for (const step of acts) {
        if ("toggle" in step) toggle(step.toggle);
        else if ("turn" in step) {
          ring.rotate();
          list = [...list.slice(1), ...list.slice(0, 1)];
        } else if (list[0] !== undefined) toggle(list[0]);
        expect([ring.front, ring.size]).toEqual([list[0], list.length]);
      }
    }),
    { numRuns: 300 },
  );
});

it("stays small when one key leaves and joins for ever", () => {
  const ring = new TurnRing();
  for (let n = 1; n <= 10; n++) ring.push(n);
  for (let round = 0; round < 100_000; round++) {
    ring.remove(5);
    ring.push(5);
  }
  expect(ring.capacity).toBeLessThanOrEqual(64);
  expect([ring.front, ring.size]).toEqual([1, 10]);
});
