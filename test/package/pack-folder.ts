import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the tests of a run keep the package that one of them has packed for all. */
    readonly packFolder: string;
  }
}

/** A folder for what `packed` makes, gone at the end of the run. */
export default function setup({ provide }: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "key-pool-packed-"));
  provide("packFolder", folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
