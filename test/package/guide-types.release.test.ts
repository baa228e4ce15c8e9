import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { GUIDES, PYTHON, programsOf } from "./guides/programs.ts";
import { linkPackages } from "./guides/reader.ts";
import { packed } from "./pack-once.ts";
import { ROOT, tsc, unpack } from "./packed.ts";

it("programs of the pages are type-checked, with the types that the package brings", async () => {
  const folder = mkdtempSync(join(tmpdir(), "guide-types-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  linkPackages(folder);
  installPacked(folder, await packed());
  const programs = GUIDES.flatMap(programsOf).filter(({ file }) => !file.endsWith(PYTHON));
  expect(programs.length).toBeGreaterThan(4);
  for (const { file, block } of programs) writeFileSync(join(folder, file), block.code);
  const options = { customConditions: [], incremental: false, tsBuildInfoFile: null, noEmit: true };
  const config = { extends: join(ROOT, "tsconfig.json"), compilerOptions: options, include: ["*.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  tsc(folder, "-p", "tsconfig.json");
});

/** In place of the sources, with the packages that it needs. */
function installPacked(folder: string, tarball: string): void {
  rmSync(join(folder, "node_modules/azure-key-pool"));
  symlinkSync(join(ROOT, "node_modules"), join(unpack(tarball, folder), "node_modules"));
}
