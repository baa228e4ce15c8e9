import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A folder of its own for the running test, removed after it, or with `afterAll` after the file. */
export function temporaryFolder(atTheEnd: (run: () => void) => void = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), "key-pool-"));
  atTheEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
