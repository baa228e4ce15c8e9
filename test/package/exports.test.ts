import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MANIFEST, ROOT, SPECIFIERS } from "./packed.ts";

const EXPORTS = Object.entries(MANIFEST.exports);

describe("package.json", () => {
  it.each(EXPORTS)("exports %s from the folder of that name", (path, targets) => {
    const folder = path.replace(/^\.\/?/, "");
    const name = folder === "" ? "index" : `${folder}/index`;
    const source = targets["azure-key-pool:source"];
    expect(["", "adapters/", "domain/"].map((parent) => `./src/${parent}${name}.ts`)).toContain(source);
    expect(existsSync(join(ROOT, source))).toBe(true);
    const built = source.replace("./src/", "./dist/").replace(".ts", "");
    expect(targets).toEqual({
      "azure-key-pool:source": source,
      types: `${built}.d.ts`,
      default: `${built}.js`,
    });
    // The first condition that applies wins.
    expect(Object.keys(targets)).toEqual(["azure-key-pool:source", "types", "default"]);
  });

  it("exports every adapter", () => {
    const adapters = readdirSync(join(ROOT, "src/adapters"));
    expect(SPECIFIERS).toEqual(expect.arrayContaining(adapters.map((name) => `azure-key-pool/${name}`)));
  });

  it("brings what the sources import, and the types that the build speaks of", () => {
    const { dependencies, devDependencies } = MANIFEST;
    // The page is built of its packages; none of them is needed afterwards.
    const imported = packagesImportedBy("src/**/*.ts", "src/testing/**", "src/adapters/dashboard/page/**");
    expect(Object.keys(dependencies).toSorted()).toEqual([...imported, "@types/koa"].toSorted());
    for (const name of Object.keys(dependencies)) expect(devDependencies[name], name).toBeUndefined();
  });

  it("pins MikroORM, whose packages take each other in one version only", () => {
    const versions = Object.entries(MANIFEST.dependencies).filter(([name]) => name.startsWith("@mikro-orm/"));
    for (const [name, version] of versions) expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
    expect(new Set(versions.map(([, version]) => version)).size).toBe(1);
  });

  it("leaves the test runner to who uses the suites", () => {
    const { peerDependencies, peerDependenciesMeta, devDependencies } = MANIFEST;
    expect(packagesImportedBy("src/testing/**/*.ts")).toEqual(["vitest"]);
    expect(peerDependencies).toEqual({ vitest: `^${devDependencies.vitest}` });
    expect(peerDependenciesMeta).toEqual({ vitest: { optional: true } });
  });
});

/** The packages that these sources import by name, in order. */
function packagesImportedBy(sources: string, ...exclude: string[]): readonly string[] {
  const files = globSync(sources, { cwd: ROOT, exclude });
  const specifiers = files.flatMap((file) =>
    Array.from(
      readFileSync(join(ROOT, file), "utf8").matchAll(/(?:\bfrom |^import |\bimport\()"([^."][^"]*)"/gm),
      ([, specifier = ""]) => specifier,
    ),
  );
  const packages = specifiers
    .filter((specifier) => !specifier.startsWith("node:"))
    .map((specifier) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] as string);
  return [...new Set(packages)].toSorted();
}
