import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");

/** What a file loads at its start: neither types nor what is imported when it is needed. */
const IMPORTS = /^(?:import|export)\s(?!type\b)[^"';=()]*\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"/gm;

/** All that a file of the project loads at its start: our files by their path, others by their name. */
export function loadedBy(path: string, seen = new Set<string>()): ReadonlySet<string> {
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
