import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import config from "../vitest.config.ts";
import { SLOWEST } from "./slowest-first.ts";

const ROOT = resolve(import.meta.dirname, "..");
const HERE = ["test", "examples", "src/testing"];

interface Tier {
  readonly name: string;
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
}

const TIERS = (config.test?.projects ?? []).map((project) => (project as { readonly test: Tier }).test);
const TESTS = globSync("{test,examples}/**/*.test.ts", { cwd: ROOT }).sort();

function testsOf({ include, exclude = [] }: Tier): readonly string[] {
  return globSync([...include], { cwd: ROOT, exclude: [...exclude] });
}

function importsOf(path: string): readonly string[] {
  const code = readFileSync(join(ROOT, path), "utf8");
  const specifiers = code.matchAll(/(?:\bfrom|^import|\bimport\s*\()\s*"([^"]+)"/gm);
  return Array.from(specifiers, ([, specifier = ""]) =>
    specifier.startsWith(".") ? relative(ROOT, resolve(ROOT, dirname(path), specifier)) : specifier,
  );
}

/** What a test imports, and what the helpers that it imports do; the sources that it tests are not looked into. */
function reachedBy(path: string, seen = new Set<string>()): ReadonlySet<string> {
  for (const imported of importsOf(path)) {
    if (seen.has(imported)) continue;
    seen.add(imported);
    if (HERE.some((folder) => imported.startsWith(`${folder}/`))) reachedBy(imported, seen);
  }
  return seen;
}

const NEEDS_A_SERVER =
  /^(test\/servers\/|(node:)?(child_process|cluster)$|redis$|pg$|@mikro-orm\/postgresql$)/;

describe("the tiers of the tests", () => {
  test("every test is in exactly one of them", () => {
    expect(TIERS.map(({ name }) => name)).toEqual(["unit", "servers", "package", "release"]);
    expect(TIERS.flatMap(testsOf).sort()).toEqual(TESTS);
  });

  test.each(testsOf(TIERS[0] as Tier))("unit: %s needs no server and no process", (path) => {
    expect([...reachedBy(path)].filter((imported) => NEEDS_A_SERVER.test(imported))).toEqual([]);
  });

  test("sees what a test needs through its helpers", () => {
    expect(reachedBy("test/bootstrap/storm.release.test.ts")).toContain("node:child_process");
    expect(reachedBy("test/application/sqlite-pool.servers.test.ts")).toContain(
      "test/situations/storages.ts",
    );
  });
});

test("the files that start first are tests that there are", () => {
  expect(SLOWEST.filter((path) => !TESTS.includes(path))).toEqual([]);
});

test("LONG is read in one place", () => {
  const files = globSync("{*.ts,{test,examples,src,bench}/**/*.{ts,mjs}}", { cwd: ROOT });
  const readers = files.filter((path) => /\benv\.LONG\b/.test(readFileSync(join(ROOT, path), "utf8")));
  expect(readers).toEqual(["test/situations/long-run.ts"]);
});
