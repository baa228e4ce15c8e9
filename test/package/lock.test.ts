import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MANIFEST, ROOT } from "./packed.ts";

interface Locked {
  readonly version: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}

const { "": own, ...LOCKED } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"))
  .packages as Readonly<Record<string, Locked>>;
const NODE_MODULES = "node_modules/";

describe("package-lock.json", () => {
  it("locks what package.json asks for", () => {
    const { dependencies, devDependencies, peerDependencies } = MANIFEST;
    expect(own).toMatchObject({ dependencies, devDependencies, peerDependencies });
  });

  it("holds a checksum of every package and leaves the registry to who installs", () => {
    for (const [path, { integrity, resolved }] of Object.entries(LOCKED)) {
      expect(integrity, path).toMatch(/^sha512-/);
      expect(resolved, path).toBeUndefined();
    }
  });

  it("counts all that the server needs as needed, and Node and the test runner as tools", () => {
    for (const name of Object.keys(MANIFEST.dependencies)) {
      expect(LOCKED[NODE_MODULES + name], name).toBeDefined();
      expect(LOCKED[NODE_MODULES + name]?.dev, name).toBeUndefined();
    }
    for (const name of ["node", "vitest"]) expect(LOCKED[NODE_MODULES + name]?.dev, name).toBe(true);
  });

  it("has one package that runs a script when it is installed: Node", () => {
    const scripted = Object.keys(LOCKED).filter((path) => LOCKED[path]?.hasInstallScript);
    expect(scripted).toEqual([`${NODE_MODULES}node`]);
    const allowed = Object.keys(MANIFEST.allowScripts).filter((name) => MANIFEST.allowScripts[name]);
    expect(allowed).toEqual(["node"]);
  });
});
