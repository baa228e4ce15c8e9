import {
  chmodSync,
  existsSync,
  globSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { packed } from "./pack-once.ts";
import { MANIFEST, ROOT, type Scratch, SPECIFIERS, scratch, tsc, unpack } from "./packed.ts";

const EXPORTS = Object.entries(MANIFEST.exports);

/** What loads without any other package, and something to find in it. */
const ALONE = {
  "azure-key-pool": "createKeyPool",
  "azure-key-pool/domain": "judge",
  "azure-key-pool/in-memory": "ManualClock",
  "azure-key-pool/client": "KeyPoolClient",
  "azure-key-pool/translator": "TranslatorRestProbe",
  "azure-key-pool/node-crypto": "NodeTokenCrypto",
} as const;

describe("the package", () => {
  let place: Scratch;
  let installed: string;

  beforeAll(async () => {
    place = scratch();
    installed = unpack(await packed(), place.folder);
  });
  afterAll(() => place.remove());

  it.each(EXPORTS)("holds what it exports as %s", (_, targets) => {
    expect(existsSync(join(installed, targets.default)), targets.default).toBe(true);
    expect(existsSync(join(installed, targets.types)), targets.types).toBe(true);
  });

  it("loads what needs nothing else where nothing else is installed", () => {
    const found = Object.entries(ALONE).map(
      ([from, name]) => `["${from}", typeof (await import("${from}")).${name}]`,
    );
    const script = `process.stdout.write(JSON.stringify([${found}]));`;
    const loaded = JSON.parse(place.run(process.execPath, "--input-type=module", "--eval", script));
    expect(loaded).toEqual(Object.keys(ALONE).map((from) => [from, "function"]));
  });

  it("holds the dashboard, built", () => {
    const script = `import { readDashboard } from "azure-key-pool/dashboard"; process.stdout.write(readDashboard().page.plain);`;
    const page = place.run(process.execPath, "--input-type=module", "--eval", script);
    for (const [, file = ""] of page.matchAll(/(?:src|href)="\/([^"]+)"/g)) {
      expect(existsSync(join(installed, "dist/adapters/dashboard/built", file)), file).toBe(true);
    }
    expect(page).toContain("<script");
  });

  it("brings the command, which runs with the packages that it names", () => {
    const bin = join(installed, MANIFEST.bin["azure-key-pool"]);
    expect(readFileSync(bin, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
    // As npm does it where they are installed.
    for (const name of ["commander", "string-width"]) {
      const link = join(place.folder, "node_modules", name);
      symlinkSync(join(ROOT, "node_modules", name), link);
      onTestFinished(() => rmSync(link));
    }
    chmodSync(bin, 0o755);
    expect(place.run(bin, "--version").trim()).toBe(MANIFEST.version);
    expect(place.run(bin, "completion", "bash")).toContain("complete -F _azure_key_pool azure-key-pool");
  });

  it("hides what is not exported", () => {
    const script = `await import("azure-key-pool/dist/index.js").catch(({ code }) => process.stdout.write(code));`;
    const output = place.run(process.execPath, "--input-type=module", "--eval", script);
    expect(output).toBe("ERR_PACKAGE_PATH_NOT_EXPORTED");
  });

  it("brings its types along", () => {
    const lines = Object.entries(ALONE).map(([from, name]) => `export { ${name} } from "${from}";`);
    const wrong = '// @ts-expect-error\nnew ManualClock("noon");\n';
    const use = `import { ManualClock } from "azure-key-pool/in-memory";\n${wrong}`;
    writeFileSync(join(place.folder, "consumer.mts"), `${lines.join("\n")}\n${use}`);
    const options = ["--module", "nodenext", "--target", "es2024", "--strict", "--noEmit", "--types", ""];
    expect(() => tsc(place.folder, ...options, "consumer.mts")).not.toThrow();
  });
});

describe("package.json", () => {
  it.each(EXPORTS)("exports %s from the folder of that name", (path, targets) => {
    const folder = path.replace(/^\.\/?/, "");
    const name = folder === "" ? "index" : `${folder}/index`;
    const source = targets["azure-key-pool:source"];
    expect([`./src/${name}.ts`, `./src/adapters/${name}.ts`]).toContain(source);
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
