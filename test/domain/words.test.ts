import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../../src");

/** What the HTTP API calls a key's, a log's or a setting's fields. */
const OF_THE_WIRE =
  /\bkeyname\b|\bkey_id\b|\bmax_in_flight\b|\bconfig_(?:key|value|not_found)\b|field: "(?:key|body|query)"/;

/** What the Speech SDK, undici and Node call a fault. */
const OF_TECHNOLOGY = /\b(?:UND_ERR|ERR|HPE|EAI)_[A-Z]|\bE(?:CONN|HOST|NET|NOTFOUND|TIMEDOUT)|Cancellation/;

/** Where one of these words is meant, and why. */
const MEANT: Readonly<Record<string, string>> = {
  "application/audit/recorded-names.ts": "rows of the log and of the audit are kept as they were written",
};

test.each([
  ["domain", "the wire", OF_THE_WIRE],
  ["domain", "a technology", OF_TECHNOLOGY],
  ["application", "the wire", OF_THE_WIRE],
  ["application", "a technology", OF_TECHNOLOGY],
])("the %s has no word of %s", (layer, _, words) => {
  const files = globSync(`${layer}/**/*.ts`, { cwd: ROOT }).map((path) => path.replaceAll("\\", "/"));
  expect(files.length).toBeGreaterThan(20);
  const found = files.filter((file) => words.test(readFileSync(resolve(ROOT, file), "utf8")));
  expect(found.filter((file) => !(file in MEANT))).toEqual([]);
});

test("the words that are meant are there", () => {
  for (const file of Object.keys(MEANT))
    expect(readFileSync(resolve(ROOT, file), "utf8")).toMatch(OF_THE_WIRE);
});
