import { describe, expect, test } from "vitest";
import { parseKeyChange } from "../../src/domain/index.ts";
import { problemsOf } from "../situations/problems.ts";

describe("a change of a key", () => {
  test("leaves alone what it does not name", () => {
    expect(parseKeyChange({ region: "WestUS" })).toEqual({ region: "westus" });
    expect(parseKeyChange({ name: "", tag: undefined })).toEqual({ name: "" });
  });

  test("takes the tag away with null or an empty one", () => {
    expect(parseKeyChange({ tag: null })).toEqual({ tag: null });
    expect(parseKeyChange({ tag: "" })).toEqual({ tag: null });
  });

  test("takes the limit away with null", () => {
    expect(parseKeyChange({ maxInFlight: 12 })).toEqual({ maxInFlight: 12 });
    expect(parseKeyChange({ maxInFlight: null })).toEqual({ maxInFlight: null });
  });

  test("changes something", () => {
    const message = "at least one of name, region, tag and maxInFlight is needed";
    expect(problemsOf(() => parseKeyChange({}))).toEqual([{ field: "change", message }]);
    expect(problemsOf(() => parseKeyChange({ name: undefined }))).toEqual([{ field: "change", message }]);
  });

  test("is refused for everything that is wrong with it at once", () => {
    const bad = { tag: "a\nb", region: "a", name: "x".repeat(101), maxInFlight: 0 };
    expect(problemsOf(() => parseKeyChange(bad)).map(({ field }) => field)).toEqual([
      "name",
      "region",
      "tag",
      "maxInFlight",
    ]);
  });
});
