import { describe, expect, it } from "vitest";
import { covers, EVERYTHING, isEverything, type Scope } from "../../../src/domain/index.ts";

describe("a scope", () => {
  it("that says nothing covers every key", () => {
    expect(covers(EVERYTHING, "speech", "eastasia", null)).toBe(true);
    expect(isEverything(EVERYTHING)).toBe(true);
  });

  it.each<[Scope, boolean]>([
    [{ services: ["speech"] }, true],
    [{ services: ["translation"] }, false],
    [{ regions: ["westus", "eastasia"] }, true],
    [{ regions: ["westus"] }, false],
    [{ tags: ["gold"] }, true],
    [{ tags: ["Gold"] }, false],
    [{ services: ["speech"], regions: ["eastasia"], tags: ["gold"] }, true],
    [{ services: ["speech"], regions: ["westus"], tags: ["gold"] }, false],
  ])("%j covers a speech key of eastasia with the tag gold: %s", (scope, expected) => {
    expect(covers(scope, "speech", "eastasia", "gold")).toBe(expected);
    expect(isEverything(scope)).toBe(false);
  });

  it("of tags covers no key without one", () => {
    expect(covers({ tags: ["gold"] }, "speech", "eastasia", null)).toBe(false);
  });
});
