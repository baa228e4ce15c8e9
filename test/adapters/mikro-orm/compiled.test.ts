import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it, onTestFinished } from "vitest";

const PROJECT = resolve(import.meta.dirname, "../../..");

const SCRIPT = `
import { openDatabase } from "./adapters/mikro-orm/index.js";
const database = await openDatabase({ url: "sqlite:" + process.argv[2] });
const entry = { about: "key", actor: "caller", service: "speech", keyId: null, keyName: null, region: null, action: "test", statusCode: 200, note: null, at: 1 };
await Promise.all(Array.from({ length: 5000 }, () => database.log.append(entry)));
const { total } = await database.log.list({ services: ["speech", null], offset: 0, limit: 1, from: 0 });
process.stdout.write(String(total));
await database.close();
`;

it("works compiled, its migrations and its thread included", () => {
  mkdirSync(join(PROJECT, "dist"), { recursive: true });
  const folder = mkdtempSync(join(PROJECT, "dist/test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  // `npm run check` looks at the types. A build here must not replace its build information.
  const unchecked = { noCheck: true, noResolve: true, lib: ["es5"], types: [] };
  const unnoted = { incremental: false, tsBuildInfoFile: null };
  const config = {
    extends: "../../tsconfig.json",
    compilerOptions: { noEmit: false, rootDir: "../../src", outDir: ".", ...unchecked, ...unnoted },
    include: ["../../src/domain", "../../src/adapters/mikro-orm"],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  execFileSync(join(PROJECT, "node_modules/.bin/tsc"), ["--singleThreaded", "-p", folder]);
  writeFileSync(join(folder, "script.js"), SCRIPT);
  const output = execFileSync(process.execPath, [join(folder, "script.js"), join(folder, "keys.db")]);
  expect(output.toString()).toBe("5000");
});
