import { chmodSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { packed } from "./pack-once.ts";
import { MANIFEST, ROOT, type Scratch, scratch, tsc, unpack } from "./packed.ts";

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

  it.each(Object.entries(MANIFEST.exports))("holds what it exports as %s", (_, targets) => {
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
    const port =
      'import type { Clock } from "azure-key-pool/ports";\nexport const now = (clock: Clock) => clock.now();\n';
    const use = `import { ManualClock } from "azure-key-pool/in-memory";\n${port}${wrong}`;
    writeFileSync(join(place.folder, "consumer.mts"), `${lines.join("\n")}\n${use}`);
    const options = ["--module", "nodenext", "--target", "es2024", "--strict", "--noEmit", "--types", ""];
    expect(() => tsc(place.folder, ...options, "consumer.mts")).not.toThrow();
  });
});
