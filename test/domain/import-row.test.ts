import { describe, expect, it } from "vitest";
import { maskRow, parseImportRow } from "../../src/domain/index.ts";

describe("a row of an import", () => {
  it("needs a secret and a region, and leaves out what it does not say", () => {
    expect(parseImportRow({ secret: "secret-1", region: "EastAsia" })).toEqual({
      row: { secret: "secret-1", region: "eastasia", enabled: true },
    });
    expect(parseImportRow({ secret: "secret-1", region: "eastasia", name: "", tag: null })).toEqual({
      row: { secret: "secret-1", region: "eastasia", name: "", tag: null, enabled: true },
    });
    const said = { secret: "secret-1", region: "eastasia", name: "One", tag: "gold" };
    expect(parseImportRow({ ...said, maxInFlight: "20", status: "disabled" })).toEqual({
      row: { ...said, maxInFlight: 20, enabled: false },
    });
    expect(parseImportRow({ ...said, maxInFlight: null })).toEqual({
      row: { ...said, maxInFlight: null, enabled: true },
    });
  });

  it("is refused for everything that is wrong at once, and the secret is never repeated", () => {
    const parsed = parseImportRow({
      secret: "short",
      region: 5,
      name: "\u0007",
      tag: {},
      maxInFlight: 10_001,
      status: "cooldown",
    });
    expect(parsed).toMatchObject({
      problems: [
        { field: "secret" },
        { field: "region", message: "must be a JSON string" },
        { field: "name" },
        { field: "tag", message: "must be a JSON string" },
        { field: "maxInFlight", message: "must be an integer from 1 to 10000, or null" },
        { field: "status" },
      ],
    });
    expect(JSON.stringify(parsed)).not.toContain("short");
  });

  it.each([5, null, undefined, "text", [], [{}]])("is an object, not %j", (value) => {
    expect(parseImportRow(value)).toEqual({ problems: [{ field: "row", message: "must be a JSON object" }] });
  });

  it("may not give its secret away", () => {
    expect(parseImportRow({ secret: "secret-1", region: "eastasia", tag: "my secret-1" })).toMatchObject({
      problems: [{ field: "tag" }],
    });
  });

  it("is shown masked, also when it is no row", () => {
    expect(maskRow({ secret: "secret-1" })).toBe("secr***");
    for (const odd of [{}, { secret: 5 }, { secret: ["secret-1"] }, null, "secret-1", ["secret-1"]]) {
      expect(maskRow(odd)).toBe("***");
    }
    expect(maskRow({ secret: "abc🔑" }).isWellFormed()).toBe(true);
  });
});
