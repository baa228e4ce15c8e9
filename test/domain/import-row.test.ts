import { describe, expect, it } from "vitest";
import { maskRow, parseImportRow } from "../../src/domain/index.ts";

describe("a row of an import", () => {
  it("needs a key and a region, and keeps apart what it says and what it leaves open", () => {
    expect(parseImportRow({ key: "secret-1", region: "EastAsia" })).toEqual({
      row: { secret: "secret-1", region: "eastasia", enabled: true },
    });
    expect(parseImportRow({ key: "secret-1", region: "eastasia", keyname: "", tag: null })).toEqual({
      row: { secret: "secret-1", region: "eastasia", name: "", tag: null, enabled: true },
    });
    const full = { key: "secret-1", region: "eastasia", keyname: "One", tag: "gold", status: "disabled" };
    expect(parseImportRow(full)).toEqual({
      row: { secret: "secret-1", region: "eastasia", name: "One", tag: "gold", enabled: false },
    });
  });

  it("tells everything that is wrong at once and never the key", () => {
    const parsed = parseImportRow({
      key: "short",
      region: 5,
      keyname: "\u0007",
      tag: {},
      status: "cooldown",
    });
    expect(parsed).toMatchObject({
      problems: [
        { field: "key" },
        { field: "region", message: "must be a JSON string" },
        { field: "keyname" },
        { field: "tag", message: "must be a JSON string" },
        { field: "status" },
      ],
    });
    expect(JSON.stringify(parsed)).not.toContain("short");
  });

  it.each([5, null, undefined, "text", [], [{}]])("is an object, not %j", (value) => {
    expect(parseImportRow(value)).toEqual({ problems: [{ field: "row", message: "must be a JSON object" }] });
  });

  it("may not name itself after its key", () => {
    expect(parseImportRow({ key: "secret-1", region: "eastasia", tag: "my secret-1" })).toMatchObject({
      problems: [{ field: "tag" }],
    });
  });

  it("is shown masked, whatever stands in it", () => {
    expect(maskRow({ key: "secret-1" })).toBe("secr***");
    for (const odd of [{}, { key: 5 }, { key: ["secret-1"] }, null, "secret-1", ["secret-1"]]) {
      expect(maskRow(odd)).toBe("***");
    }
    expect(maskRow({ key: "abc🔑" }).isWellFormed()).toBe(true);
  });
});
