import { describe, expect, it } from "vitest";
import { readRows } from "../../../src/adapters/dashboard/page/import/read-rows.ts";

const ROW = { key: "secret-0001", region: "eastus" };

describe("a pasted import", () => {
  it.each([
    [
      "an object",
      JSON.stringify({ type: "translation", keys: [ROW] }),
      { rows: [ROW], service: "translation" },
    ],
    ["a bare array", `\uFEFF${JSON.stringify([ROW])}`, { rows: [ROW] }],
    ["lines", "secret-0001, eastus\r\n\n", { rows: [ROW] }],
    [
      "tabs and a heading",
      "Key\tRegion\tkeyname\nsecret-0001\teastus\tFirst",
      { rows: [{ ...ROW, keyname: "First" }] },
    ],
    ["quotes and an empty name", '"secret-0001";"eastus";"";"gold"', { rows: [{ ...ROW, tag: "gold" }] }],
  ])("may be %s", (_, text, read) => {
    expect(readRows(text)).toEqual(read);
  });

  it.each([
    ["", { fault: "empty" }],
    ["[]", { fault: "empty" }],
    ["key,region", { fault: "empty" }],
    ["[{", { fault: "json" }],
    ['{"type": "speech"}', { fault: "json" }],
    ["secret-0001,eastus\nsecret-0002", { fault: "line", line: 2 }],
  ])("says of %j what is wrong", (text, fault) => {
    expect(readRows(text)).toEqual(fault);
  });
});
