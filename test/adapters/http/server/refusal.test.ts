import { expect, it } from "vitest";
import { Refusal } from "../../../../src/adapters/http/server/refusal.ts";

it("a refusal does not note where it was made; what is made next does", () => {
  const refusal = new Refusal("not_found", "There is nothing");
  expect(refusal.stack).not.toContain("refusal.test.ts");
  expect(new Error("A fault").stack).toContain("refusal.test.ts");
});
