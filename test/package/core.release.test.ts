import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { publint } from "publint";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packed } from "./pack-once.ts";
import { ROOT, type Scratch, scratch, tsc, unpack } from "./packed.ts";

const { packCore }: { packCore(from: string, into: string): void } = await import(
  pathToFileURL(join(ROOT, ".ci/pack-core.mjs")).href
);

describe("the package of those who embed the pool", () => {
  let place: Scratch;
  let core: string;
  let manifest: {
    readonly exports: object;
    readonly dependencies?: object;
    readonly peerDependencies: object;
  };

  beforeAll(async () => {
    place = scratch();
    const whole = unpack(await packed(), place.folder);
    core = join(place.folder, "node_modules/azure-key-pool-core");
    packCore(whole, core);
    place.run("rm", "-r", whole);
    manifest = JSON.parse(readFileSync(join(core, "package.json"), "utf8"));
  });
  afterAll(() => place.remove());

  it("depends on nothing but, for the contract suites, a test runner of one's own", () => {
    expect(manifest.dependencies).toBeUndefined();
    expect(Object.keys(manifest.peerDependencies)).toEqual(["vitest"]);
    for (const file of globSync("dist/**/*.{js,d.ts}", { cwd: core })) {
      const code = readFileSync(join(core, file), "utf8");
      const packages = Array.from(
        code.matchAll(/(?:\bfrom |^import |\bimport\()"([^."][^"]*)"/gm),
        ([, name = ""]) => name,
      ).filter((name) => !name.startsWith("node:"));
      expect(packages, file).toEqual(
        packages.filter((name) => name === "vitest" && /^dist.testing/.test(file)),
      );
    }
  });

  it("hands out a key where nothing else is installed", () => {
    const script = `
      import { createKeyPool } from "azure-key-pool-core";
      import { createInMemoryPorts } from "azure-key-pool-core/in-memory";
      const pool = createKeyPool(createInMemoryPorts());
      await pool.start();
      await pool.addKey.execute({ service: "speech", secret: "a-made-up-key-0001", region: "eastasia" });
      const { status } = await pool.handOutKey.execute({ service: "speech", region: "eastasia" });
      await pool.stop();
      process.stdout.write(status);`;
    expect(place.run(process.execPath, "--input-type=module", "--eval", script)).toBe("handed-out");
  });

  it("loads every export and has its types", () => {
    const names = Object.keys(manifest.exports)
      .filter((path) => path !== "./testing")
      .map((path) => path.replace(".", "azure-key-pool-core"));
    expect(names).toContain("azure-key-pool-core/client");
    const loads = names.map((name) => `await import("${name}")`);
    const script = `process.stdout.write([${loads}].map((loaded) => typeof loaded).join());`;
    const loaded = place.run(process.execPath, "--input-type=module", "--eval", script);
    expect(loaded).toBe(names.map(() => "object").join());
    const lines = names.map((name, i) => `import * as module${i} from "${name}";`);
    const used = `export const all = [${names.map((_, i) => `module${i}`)}];`;
    const wrong = `// @ts-expect-error\nmodule${names.indexOf("azure-key-pool-core")}.createKeyPool(1);`;
    writeFileSync(join(place.folder, "consumer.mts"), [...lines, used, wrong].join("\n"));
    const options = ["--module", "nodenext", "--target", "es2024", "--strict", "--noEmit", "--types", ""];
    expect(() => tsc(place.folder, ...options, "consumer.mts")).not.toThrow();
  });

  it("leaves publint nothing to say", async () => {
    const { messages } = await publint({ pkgDir: core, pack: false, strict: true });
    expect(messages).toEqual([]);
  });
});
