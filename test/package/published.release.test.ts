import { readFileSync } from "node:fs";
import { publint } from "publint";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packed } from "./pack-once.ts";
import { MANIFEST, type Scratch, SPECIFIERS, scratch } from "./packed.ts";

/** By its place: where tests run, its name stands for sources that Node does not read from there. */
const ATTW = "../../node_modules/@arethetypeswrong/core/dist/index.js";
const { checkPackage, createPackageFromTarballData }: typeof import("@arethetypeswrong/core") = await import(
  ATTW
);

/** How programs find an ES module's types; what CommonJS and Node 10 found is nothing to an ESM package. */
const ESM = ["node16-esm", "bundler"];

describe("the packed package", () => {
  let place: Scratch;
  let path: string;
  let tarball: Uint8Array;

  beforeAll(async () => {
    place = scratch();
    path = await packed();
    tarball = new Uint8Array(readFileSync(path));
  });
  afterAll(() => place.remove());

  it("leaves publint nothing to say", async () => {
    const { messages } = await publint({ pack: { tarball: tarball.slice().buffer }, strict: true });
    expect(messages).toEqual([]);
  });

  it("has types that are right, for every export", async () => {
    const analysis = await checkPackage(createPackageFromTarballData(tarball));
    if (!analysis.types) throw new Error("The package has no types");
    const { entrypoints, problems } = analysis;
    expect(
      Object.keys(entrypoints)
        .map((path) => path.replace(".", MANIFEST.name))
        .toSorted(),
    ).toEqual(SPECIFIERS.toSorted());
    const ours = problems.filter(
      (problem) => !("resolutionKind" in problem) || ESM.includes(problem.resolutionKind),
    );
    expect(ours).toEqual([]);
  });

  it("holds the build, its licence and what to read first", () => {
    const files = place.run("tar", "-tzf", path).trim().split("\n");
    const [built, others] = [true, false].map((isBuilt) =>
      files.filter((file) => file.startsWith("package/dist/") === isBuilt),
    ) as [string[], string[]];
    expect(others.toSorted()).toEqual(
      ["LICENSE", "README.md", "README.zh-CN.md", "package.json"].map((name) => `package/${name}`),
    );
    const page = "package/dist/adapters/dashboard/built/";
    expect(built.filter((file) => !file.startsWith(page) && !/\.(d\.ts|js|mjs|d\.mts)$/.test(file))).toEqual(
      [],
    );
    expect(built).toContain(`${page}index.html`);
    expect(built.filter((file) => /\.test\.|\/tests?\//.test(file))).toEqual([]);
    // Read, not imported, so no compiler misses it.
    expect(built).toContain("package/dist/adapters/http/docs/docs-script.js");
  });
});
