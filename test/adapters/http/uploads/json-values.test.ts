import fc from "fast-check";
import { expect, it } from "vitest";
import { hasMoreValues } from "../../../../src/adapters/http/uploads/json-values.ts";
import { anyCharacter } from "../../../situations/any-character.ts";

function countOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  const inner = Object.values(value).reduce<number>((sum, item) => sum + countOf(item), 1);
  // The empty ones count twice.
  return inner === 1 ? 2 : inner;
}

it("counts the values of any JSON, whatever stands in its texts", () => {
  const text = fc.oneof(fc.string({ unit: anyCharacter }), fc.constantFrom('","', "[{", "\\", '\\"', "金,"));
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof({ maxDepth: 4 }, text, fc.integer(), fc.constant(null), tie("list"), tie("object")),
    list: fc.array(tie("json"), { maxLength: 5 }),
    object: fc.dictionary(text, tie("json"), { maxKeys: 5 }),
  }));
  fc.assert(
    fc.property(json, fc.constantFrom(0, 2), (value, indent) => {
      const bytes = Buffer.from(JSON.stringify(value, null, indent));
      const count = countOf(value);
      expect([hasMoreValues(bytes, count), hasMoreValues(bytes, count - 1)]).toEqual([false, true]);
    }),
  );
});
