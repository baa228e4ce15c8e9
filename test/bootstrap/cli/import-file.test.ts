import { describe, expect, it } from "vitest";
import { readImportFile } from "../../../src/bootstrap/cli/keys/import-file.ts";
import { formatOf } from "../../../src/bootstrap/cli/keys/import-format.ts";

describe("a CSV file", () => {
  it("may name its columns, in any order and letter case", () => {
    const text = '\uFEFFRegion,Key,KeyName\r\nwestus,secret-one,"a ""quoted"", name"\r\n,secret-two,\r\n';
    expect(readImportFile(text, "csv").rows).toEqual([
      { region: "westus", key: "secret-one", keyname: 'a "quoted", name' },
      { key: "secret-two" },
    ]);
  });

  it("may say how many leases of a key may run", () => {
    const { rows } = readImportFile("key,region,max_in_flight\nsecret-one,westus,20\n", "csv");
    expect(rows).toEqual([{ key: "secret-one", region: "westus", max_in_flight: "20" }]);
  });

  it("without names has key, region, keyname, tag", () => {
    expect(readImportFile("secret-one,westus,one,gold\nsecret-two\n", "csv").rows).toEqual([
      { key: "secret-one", region: "westus", keyname: "one", tag: "gold" },
      { key: "secret-two" },
    ]);
  });

  it.each(["a,b,c,d,e\n", 'a,"b\n', "key,colour\na,b\n"])(
    "that is %j is refused without quoting it",
    (text) => {
      expect(() => readImportFile(text, "csv")).toThrow(/^The file cannot be imported: (it|row 1) /);
      expect(() => readImportFile(text, "csv")).not.toThrow(/colour/);
    },
  );
});

describe("a JSON file", () => {
  it("is the template, an export, or a bare list", () => {
    const keys = [{ key: "secret-one", region: "global" }];
    expect(readImportFile(JSON.stringify({ type: "translation", keys }), "json")).toEqual({
      service: "translation",
      rows: keys,
    });
    expect(readImportFile(JSON.stringify(keys), "json")).toEqual({ service: undefined, rows: keys });
  });

  it.each(["", "null", "{}", '{"keys":{}}', '{"type":"vision","keys":[]}'])(
    "that is %j is refused",
    (text) => {
      expect(() => readImportFile(text, "json")).toThrow("cannot be imported");
    },
  );
});

it("a text file has a key a line, and may have remarks", () => {
  const { rows } = readImportFile("# old vault\r\nsecret-one\r\n\r\n  secret-two  ", "txt");
  expect(rows).toEqual([{ key: "secret-one" }, { key: "secret-two" }]);
});

it("the format is told by the name, or by how the text begins", () => {
  expect(formatOf("Keys.CSV", "[")).toBe("csv");
  expect(formatOf("-", ' \n[{"key"')).toBe("json");
  expect(formatOf("-", "secret-one\n")).toBe("txt");
});
