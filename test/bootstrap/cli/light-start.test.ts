import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../../..");

/** What a file loads at its start: neither types nor what an act imports when it runs. */
const IMPORTS = /^(?:import|export)\s(?!type\b)[^"';=()]*\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"/gm;

function loadedBy(path: string, seen = new Set<string>()): ReadonlySet<string> {
  for (const [, from, bare] of readFileSync(join(ROOT, path), "utf8").matchAll(IMPORTS)) {
    const specifier = from ?? bare ?? "";
    const isOurs = specifier.startsWith(".");
    const loaded = isOurs ? relative(ROOT, resolve(ROOT, dirname(path), specifier)) : specifier;
    if (seen.has(loaded)) continue;
    seen.add(loaded);
    if (isOurs) loadedBy(loaded, seen);
  }
  return seen;
}

it("a command that asks a server loads neither the server nor a database", () => {
  const loaded = [...loadedBy("src/bootstrap/cli/main.ts")];
  expect(loaded).toContain("src/adapters/client/key-pool-client.ts");
  expect(loaded.filter((path) => /^src\/(adapters\/(?!client\/)|application\/)/.test(path))).toEqual([]);
  const packages = loaded.filter((path) => !/^(src\/|node:)/.test(path));
  expect(packages.toSorted()).toEqual(["commander", "string-width"]);
});
