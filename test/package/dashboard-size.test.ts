import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "./packed.ts";

const BUILT = join(ROOT, "src/adapters/dashboard/built");
const MOST_BYTES = 150_000;

describe("the dashboard as it is built", () => {
  beforeAll(async () => {
    const { buildDashboard } = await import(
      pathToFileURL(join(ROOT, "src/adapters/dashboard/build.mjs")).href
    );
    await buildDashboard();
  });

  it("loads at most 150 kB of scripts, compressed", () => {
    const scripts = globSync("**/*.js", { cwd: BUILT });
    expect(scripts).not.toEqual([]);
    const bytes = scripts.map((script) => gzipSync(readFileSync(join(BUILT, script))).length);
    expect(bytes.reduce((sum, one) => sum + one)).toBeLessThan(MOST_BYTES);
  });

  it("has nothing inline that its policy would keep from running, and loads from nowhere else", () => {
    const page = readFileSync(join(BUILT, "index.html"), "utf8");
    expect(page).not.toMatch(/<style|style=|<script(?![^>]*\bsrc=)|\son\w+=/);
    expect(page).not.toMatch(/(src|href)="(?!\/)/);
  });

  it("reads none of the environment", () => {
    for (const script of globSync("**/*.js", { cwd: BUILT })) {
      expect(readFileSync(join(BUILT, script), "utf8")).not.toMatch(/\bprocess\.|\bBuffer\b|\brequire\(/);
    }
  });
});
