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
    const full = { secret: "secret-1", region: "eastasia", name: "One", tag: "gold", status: "disabled" };
    expect(parseImportRow(full)).toEqual({
      row: { secret: "secret-1", region: "eastasia", name: "One", tag: "gold", enabled: false },
    });
  });

  it("is refused for everything that is wrong at once, and the secret is never repeated", () => {
    const parsed = parseImportRow({
      secret: "short",
      region: 5,
      name: "\u0007",
      tag: {},
      status: "cooldown",
    });
    expect(parsed).toMatchObject({
      problems: [
        { field: "secret" },
        { field: "region", message: "must be a JSON string" },
        { field: "name" },
        { field: "tag", message: "must be a JSON string" },
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
