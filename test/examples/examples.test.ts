import { execFileSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const EXAMPLES = resolve(import.meta.dirname, "../../examples");

it("an embedded pool rests what is throttled", () => {
  const example = join(EXAMPLES, "embed-in-memory.ts");
  const output = execFileSync(process.execPath, ["--conditions=azure-key-pool:source", example]);
  expect(output.toString().trim().split("\n")).toEqual([
    "key one got 200: keep_enabled",
    "key two got 429: cooldown",
    "key one got 429: cooldown",
    "next: all-away",
  ]);
});

it.each(globSync("**/*.ts", { cwd: EXAMPLES }))("%s knows the package by its name only", (path) => {
  const code = readFileSync(join(EXAMPLES, path), "utf8");
  expect(code).toMatch(/from "(azure-key-pool|\.\/)/);
  expect(code).not.toMatch(/from "\.\.\//);
});
