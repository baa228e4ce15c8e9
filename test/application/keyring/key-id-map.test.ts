import fc from "fast-check";
import { expect, it } from "vitest";
import { KeyIdMap } from "../../../src/application/keyring/key-id-map.ts";

const id = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.constantFrom(2 ** 32 + 1, Number.MAX_SAFE_INTEGER));
const act = fc.record({ id, value: fc.option(fc.nat(9)) });

it("holds what a Map holds, whatever the ids", () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 300 }), (acts) => {
      const ours = new KeyIdMap<number>();
      const map = new Map<number, number>();
      for (const { id, value } of acts) {
        if (value === null) ours.delete(id);
        else ours.set(id, value);
        if (value === null) map.delete(id);
        else map.set(id, value);
        expect([ours.get(id), ours.size]).toEqual([map.get(id), map.size]);
      }
      expect([...ours.values()].sort()).toEqual([...map.values()].sort());
    }),
  );
});
