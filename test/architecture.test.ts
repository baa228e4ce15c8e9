import { globSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import {
  type KeyReader,
  type KeyRepository,
  KNOWN_SETTINGS,
  LOG_ACTIONS,
  type UsageWriter,
} from "../src/domain/index.ts";

const ROOT = resolve(import.meta.dirname, "..");
const SOURCES = globSync("src/**/*.{ts,tsx}", { cwd: ROOT }).map((path) => path.replaceAll("\\", "/"));

/** The packages that an adapter may import. */
const TECHNOLOGY: Readonly<Record<string, readonly string[]>> = {
  "azure-emulator": ["node:", "ws"],
  client: [],
  dashboard: ["node:"],
  fallback: [],
  http: ["node:", "@koa/cors", "@koa/router", "koa", "pino", "zod"],
  "in-memory": [],
  "mikro-orm": ["node:", "@mikro-orm/", "better-sqlite3", "pg"],
  "node-crypto": ["node:"],
  prometheus: ["node:", "@prometheus-io/client"],
  redis: ["node:", "redis"],
  sealing: ["node:"],
  "speech-sdk": ["node:", "microsoft-cognitiveservices-speech-sdk", "ws"],
  translator: ["node:"],
  webhook: [],
};

/** What runs in browsers, where there is no `node:`. */
const PAGE = "src/adapters/dashboard/page/";
const TEXT = "adapters/dashboard/page/text";
const PAGE_TECHNOLOGY = ["preact", "@preact/signals"];

/** Imports of another adapter that are allowed: of types only, so that they are gone when the code runs. */
const TYPES_OF: Readonly<Record<string, { readonly from: RegExp; readonly reason: string }>> = {
  client: {
    from: /^src\/adapters\/http\/(\w+\/[\w-]+-answers|server\/paging)\.ts$/,
    reason: "types of the API's answers: server and client must not compile apart",
  },
  dashboard: {
    from: /^src\/adapters\/http\/\w+\/[\w-]+-answers\.ts$/,
    reason: "the same: server and page must not compile apart",
  },
};

/** What changes a key. */
const WRITES = ["add", "describe", "settle", "remove"] as const satisfies readonly Exclude<
  keyof KeyRepository,
  keyof KeyReader | keyof UsageWriter
>[];

const PRODUCTION = ["src/domain", "src/application", "src/adapters", "src/bootstrap"];

/** Which folders and packages a file may import; its own folder always. */
function allowed(path: string): readonly string[] {
  if (path.startsWith(PAGE)) return ["src/domain", ...PAGE_TECHNOLOGY];
  const [, layer, adapter] = path.split("/");
  if (layer === "domain") return [];
  if (layer === "application") return ["src/domain"];
  if (layer === "adapters")
    return ["src/domain", "src/application", ...(TECHNOLOGY[adapter as string] ?? [])];
  if (layer === "testing") return ["src/domain", "src/application", "src/adapters/in-memory", "vitest"];
  if (layer === "index.ts") return ["src/domain", "src/application"];
  const packages = ["commander", "inversify", "pino", "redis", "reflect-metadata", "string-width"];
  return [...PRODUCTION, "node:", ...packages];
}

function home(path: string): string {
  return path
    .split("/")
    .slice(0, path.startsWith("src/adapters/") ? 3 : 2)
    .join("/");
}

function codeOf(path: string): string {
  return readFileSync(join(ROOT, path), "utf8").replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
}

const ALL = /^(?:import|export)\s[^"';=()]*\bfrom\s+"([^"]+)"/gm;
const RUN_TIME = /^(?:import|export)\s(?!type\b)[^"';=()]*\bfrom\s+"([^"]+)"/gm;

function importsOf(path: string, statements = ALL): readonly string[] {
  const code = codeOf(path);
  const specifiers = [
    ...code.matchAll(statements),
    ...code.matchAll(/(?:^import\s+|\bimport\s*\(\s*|\brequire\s*\(\s*)"([^"]+)"/gm),
  ];
  return Array.from(specifiers, ([, specifier]) => named(path, specifier as string));
}

function named(path: string, specifier: string): string {
  if (specifier.startsWith("."))
    return relative(ROOT, resolve(ROOT, dirname(path), specifier)).replaceAll("\\", "/");
  return builtinModules.includes(specifier) ? `node:${specifier}` : specifier;
}

describe("the architecture", () => {
  test("sees the sources and their imports", () => {
    expect(SOURCES.length).toBeGreaterThan(50);
    expect(importsOf("src/application/hand-outs/hand-out-key.ts")).toContain("src/domain/index.ts");
    expect(importsOf("src/bootstrap/main.ts")).toEqual(
      expect.arrayContaining(["reflect-metadata", "node:fs"]),
    );
  });

  test.each(SOURCES)("%s imports only what its place allows", (path) => {
    const may = [`${home(path)}/`, ...allowed(path)];
    const types = TYPES_OF[path.split("/")[2] as string]?.from;
    const atRunTime = importsOf(path, RUN_TIME);
    for (const imported of importsOf(path)) {
      if (types?.test(imported) && !atRunTime.includes(imported)) continue;
      expect(
        may.some((one) => imported.startsWith(one)),
        `${path} imports ${imported}`,
      ).toBe(true);
    }
  });

  test.each(SOURCES.filter((path) => /^src\/(domain|application)\//.test(path)))(
    "%s takes time from the clock port and uses no randomness",
    (path) => {
      expect(codeOf(path)).not.toMatch(/Date\.now\(|new Date\(\)|\bprocess\.|Math\.random/);
    },
  );

  test.each(SOURCES.filter((path) => /^src\/application\/(?!keyring\/)/.test(path)))(
    "%s knows no copy of a key",
    (path) => {
      // These two name every port: one puts the pool together, the other exports types.
      const isDoor = /^src\/application\/(key-pool|index)\.ts$/.test(path);
      if (!isDoor) expect(codeOf(path)).not.toMatch(/\b(CooldownStore|LeaseStore)\b/);
      const behind = importsOf(path, RUN_TIME).filter((imported) => /\/keyring\//.test(imported));
      const allowed = isDoor ? /\/(keyring|key-id-map)\.ts$/ : /\/keyring\.ts$/;
      expect(behind.filter((imported) => !allowed.test(imported))).toEqual([]);
      expect(codeOf(path)).not.toMatch(/\b(KnownKeys|DurableWrites|Copies)\b/);
      // Readers are what it is given; a write past the keyring would reach one copy of three.
      if (!isDoor) expect(codeOf(path)).not.toMatch(/\bKeyRepository\b/);
      expect(codeOf(path)).not.toMatch(new RegExp(`\\bkeys\\.(${WRITES.join("|")})\\(`));
    },
  );

  test.each(SOURCES.filter((path) => path.endsWith("/index.ts")))("%s only exports", (path) => {
    expect(
      codeOf(path)
        .replaceAll(/export\s+(type\s+)?(\*|\{[^}]*\})\s+from\s+"[^"]+";/g, "")
        .trim(),
    ).toBe("");
  });

  test("no file imports itself by way of others", () => {
    const circles = circlesIn(new Map(SOURCES.map((path) => [path, importsOf(path)])));
    expect(circles).toEqual([]);
  });

  test.each<[string, readonly string[], readonly string[]]>([
    ["a setting", KNOWN_SETTINGS.map(({ name }) => name), ["domain/settings.ts", `${TEXT}/settings.ts`]],
    ["a log action", LOG_ACTIONS, ["domain/log-entry.ts", `${TEXT}/log-actions.ts`]],
  ])("%s is added in two lists and used in a third file: none but these lists them", (_, names, lists) => {
    // Who only uses them names a few, and as many as it likes in comments.
    const listing = SOURCES.filter((path) => {
      const words = new Set(codeOf(path).match(/\w+/g));
      return names.every((name) => words.has(name));
    });
    expect(listing.toSorted()).toEqual(lists.map((path) => `src/${path}`).toSorted());
  });

  test("inversify stays in bootstrap and needs no decorators", () => {
    for (const path of SOURCES) {
      expect(codeOf(path), path).not.toMatch(/@(injectable|inject|optional|named|tagged)\b\s*\(/);
    }
  });
});

/** Groups of files each of which leads to all others of its group, in order. */
function circlesIn(imports: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const reached = new Map([...imports.keys()].map((path) => [path, reachedFrom(path, imports)]));
  const circles = new Set<string>();
  for (const [path, others] of reached) {
    const circle = [...others].filter((other) => reached.get(other)?.has(path)).toSorted();
    if (circle.length > 0) circles.add(circle.join(" "));
  }
  return [...circles].toSorted().map((circle) => circle.split(" "));
}

function reachedFrom(start: string, imports: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const reached = new Set<string>();
  const pending = [start];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    for (const next of imports.get(path) ?? []) {
      if (reached.has(next)) continue;
      reached.add(next);
      pending.push(next);
    }
  }
  return reached;
}
