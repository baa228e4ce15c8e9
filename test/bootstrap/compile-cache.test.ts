import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { isLongRun } from "../situations/long-run.ts";
import { scratchFolder } from "./servers.ts";

const PRELOADED = new URL("../../src/bootstrap/compile-cache.mjs", import.meta.url).href;
const ASK = 'process.stdout.write(String(require("node:module").getCompileCacheDir()))';
const FOLDERS = ["azure-key-pool", "azure-key-pool/compile-cache"];
/** The test of who may write shows that both are looked at; the other ways take both in a long run. */
const SOME = isLongRun ? FOLDERS : FOLDERS.slice(1);
const SOMEBODY_ELSE = 65_534;
const IS_ROOT = process.getuid?.() === 0;

/** Where a process that preloads it keeps its cache; "undefined" if nowhere. */
function cacheWith(env: Readonly<Record<string, string>>): string {
  const options = { env: { PATH: process.env.PATH, ...env }, encoding: "utf8" } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", PRELOADED, "-e", ASK], options);
  expect([status, stderr]).toEqual([0, ""]);
  return stdout;
}

/** A user's cache folder in which ours are as `prepare` leaves them. */
function cacheHome(prepare: (path: string) => void, which: string): string {
  const home = scratchFolder();
  mkdirSync(join(home, "azure-key-pool/compile-cache"), { recursive: true, mode: 0o700 });
  prepare(join(home, which));
  return home;
}

it("is in the user's cache folder, and no other user may read it", () => {
  const home = scratchFolder();
  expect(cacheWith({ HOME: home })).toMatch(`${home}/.cache/azure-key-pool/compile-cache/`);
  for (const folder of FOLDERS) expect(statSync(join(home, ".cache", folder)).mode & 0o777).toBe(0o700);
  const xdgCache = scratchFolder();
  const given = cacheWith({ HOME: home, XDG_CACHE_HOME: xdgCache });
  expect(given).toMatch(`${xdgCache}/azure-key-pool/compile-cache/`);
  // The second time the folders are there.
  expect(cacheWith({ XDG_CACHE_HOME: xdgCache })).toBe(given);
  expect(cacheWith({ HOME: home, XDG_CACHE_HOME: "relative" })).toMatch(`${home}/.cache/`);
});

it.each(FOLDERS)("is nowhere when others may write to %s", (which) => {
  const home = cacheHome((path) => chmodSync(path, 0o777), which);
  expect(cacheWith({ XDG_CACHE_HOME: home })).toBe("undefined");
});

it.each(SOME)("is nowhere when %s is a link", (which) => {
  const target = scratchFolder();
  mkdirSync(join(target, "compile-cache"), { mode: 0o700 });
  const home = scratchFolder();
  mkdirSync(join(home, which, ".."), { recursive: true, mode: 0o700 });
  symlinkSync(target, join(home, which));
  expect(cacheWith({ XDG_CACHE_HOME: home })).toBe("undefined");
  expect(readdirSync(target)).toEqual(["compile-cache"]);
});

it.runIf(IS_ROOT).each(SOME)("is nowhere when %s belongs to another user (needs root)", (which) => {
  const home = cacheHome((path) => chownSync(path, SOMEBODY_ELSE, SOMEBODY_ELSE), which);
  expect(cacheWith({ XDG_CACHE_HOME: home })).toBe("undefined");
});

it("is nowhere without a home, or where no folder can be made, and nothing is created", () => {
  const missing = join(scratchFolder(), "missing");
  expect(cacheWith({ HOME: missing })).toBe("undefined");
  expect(existsSync(missing)).toBe(false);
  expect(cacheWith({ HOME: "" })).toBe("undefined");
  const file = join(scratchFolder(), "file");
  writeFileSync(file, "");
  expect(cacheWith({ XDG_CACHE_HOME: file })).toBe("undefined");
});

it("is where NODE_COMPILE_CACHE says, if it says", () => {
  const [home, chosen] = [scratchFolder(), scratchFolder()];
  expect(cacheWith({ HOME: home, NODE_COMPILE_CACHE: chosen })).toMatch(`${chosen}/`);
});
