import { describe, expect, it } from "vitest";
import { formatOf, readImportFile } from "../../../src/bootstrap/cli/keys/import-file.ts";

describe("a CSV file", () => {
  it("may name its columns, in any order and letter case", async () => {
    const text = '\uFEFFRegion,Key,KeyName\r\nwestus,secret-one,"a ""quoted"", name"\r\n,secret-two,\r\n';
    expect((await readImportFile(text, "csv")).rows).toEqual([
      { region: "westus", key: "secret-one", keyname: 'a "quoted", name' },
      { key: "secret-two" },
    ]);
  });

  it("may say how many leases of a key may run", async () => {
    const { rows } = await readImportFile("key,region,max_in_flight\nsecret-one,westus,20\n", "csv");
    expect(rows).toEqual([{ key: "secret-one", region: "westus", max_in_flight: "20" }]);
  });

  it("without names has key, region, keyname, tag", async () => {
    expect((await readImportFile("secret-one,westus,one,gold\nsecret-two\n", "csv")).rows).toEqual([
      { key: "secret-one", region: "westus", keyname: "one", tag: "gold" },
      { key: "secret-two" },
    ]);
  });

  it.each(["a,b,c,d,e\n", 'a,"b\n', "key,colour\na,b\n"])(
    "that is %j is refused without quoting it",
    async (text) => {
      const refusal = await readImportFile(text, "csv").catch((error: Error) => error.message);
      expect(refusal).toMatch(/^The file cannot be imported: (it|row 1) /);
    },
  );
});

describe("a JSON file", () => {
  it("is the template, an export, or a bare list", async () => {
    const keys = [{ key: "secret-one", region: "global" }];
    expect(await readImportFile(JSON.stringify({ type: "translation", keys }), "json")).toEqual({
      service: "translation",
      rows: keys,
    });
    expect(await readImportFile(JSON.stringify(keys), "json")).toEqual({ service: undefined, rows: keys });
  });

  it.each(["", "null", "{}", '{"keys":{}}', '{"type":"vision","keys":[]}'])(
    "that is %j is refused",
    async (text) => {
      await expect(readImportFile(text, "json")).rejects.toThrow("cannot be imported");
    },
  );
});

it("a text file has a key a line, and may have remarks", async () => {
  const { rows } = await readImportFile("# old vault\r\nsecret-one\r\n\r\n  secret-two  ", "txt");
  expect(rows).toEqual([{ key: "secret-one" }, { key: "secret-two" }]);
});

it("the format is told by the name, or by how the text begins", () => {
  expect(formatOf("Keys.CSV", "[")).toBe("csv");
  expect(formatOf("-", ' \n[{"key"')).toBe("json");
  expect(formatOf("-", "secret-one\n")).toBe("txt");
});
