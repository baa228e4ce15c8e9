import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../../src/domain");

/** What the HTTP API calls a key's, a log's or a setting's fields. */
const OF_THE_WIRE = /\bkeyname\b|\bkey_id\b|\bconfig_(?:key|value|not_found)\b|field: "(?:key|body|query)"/;

/** What the Speech SDK, undici and Node call a fault. */
const OF_TECHNOLOGY = /\b(?:UND_ERR|ERR|HPE|EAI)_[A-Z]|\bE(?:CONN|HOST|NET|NOTFOUND|TIMEDOUT)|Cancellation/;

test.each([
  ["the wire", OF_THE_WIRE],
  ["a technology", OF_TECHNOLOGY],
])("the domain has no word of %s", (_, words) => {
  const files = globSync("**/*.ts", { cwd: ROOT });
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((file) => words.test(readFileSync(resolve(ROOT, file), "utf8")))).toEqual([]);
});
