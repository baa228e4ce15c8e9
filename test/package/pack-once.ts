import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject, vi } from "vitest";
import { pack } from "./packed.ts";

/** Far more than it takes on a busy machine. */
const PATIENCE_MS = 240_000;

interface Outcome {
  readonly tarball?: string;
  readonly error?: string;
}

/** The tarball of the package. Who asks first builds and packs it, for all the files of the run. */
export async function packed(): Promise<string> {
  const folder = inject("packFolder");
  const told = join(folder, "outcome.json");
  if (isFirst(folder)) tell(told, attempt(folder));
  const { tarball, error } = await vi.waitUntil(() => outcomeOf(told), { timeout: PATIENCE_MS });
  if (tarball === undefined) throw new Error(error);
  return tarball;
}

function isFirst(folder: string): boolean {
  try {
    mkdirSync(join(folder, "begun"));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function attempt(folder: string): Outcome {
  try {
    return { tarball: pack(folder) };
  } catch (error) {
    return { error: String(error) };
  }
}

/** At once, so that nobody reads half of it. */
function tell(path: string, outcome: Outcome): void {
  writeFileSync(`${path}.new`, JSON.stringify(outcome));
  renameSync(`${path}.new`, path);
}

function outcomeOf(path: string): Outcome | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
