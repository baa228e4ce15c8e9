import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { metricsRoutes } from "../../src/adapters/http/system/metrics-routes.ts";
import { createMetrics } from "../../src/adapters/prometheus/index.ts";
import { openApi } from "../adapters/http/open-api.ts";
import { isLongRun } from "../situations/long-run.ts";
import { ROOT, type Scratch, scratch } from "./packed.ts";

/** Not installed with the others, for a package that it needs runs a script then. */
const SPECTRAL = "@stoplight/spectral-cli@6.16.3";
const QUIET = { REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true", SCARF_ANALYTICS: "false" };

let place: Scratch;
beforeAll(async () => {
  place = scratch();
  const api = await openApi(undefined, metricsRoutes(createMetrics()));
  writeFileSync(join(place.folder, "openapi.json"), (await api.get("/openapi.json")).text);
  await api.close();
});
afterAll(() => place.remove());

/** What a program prints in the folder of the document, whichever way it ends. */
async function printed(program: string, ...args: readonly string[]): Promise<string> {
  const options = { cwd: place.folder, env: { ...process.env, ...QUIET } };
  const { stdout } = await promisify(execFile)(program, args, options).catch((error) => error);
  return stdout;
}

describe("the OpenAPI document", () => {
  it("leaves Redocly nothing to say", async () => {
    const redocly = join(ROOT, "node_modules/@redocly/cli/bin/cli.js");
    const lint = ["lint", "openapi.json", "--extends=recommended", "--format=json"];
    const { totals, problems } = JSON.parse(await printed(process.execPath, redocly, ...lint));
    expect(problems).toEqual([]);
    expect(totals).toEqual({ errors: 0, warnings: 0, ignored: 0 });
  });

  it.runIf(isLongRun)("leaves Spectral nothing to say", async () => {
    writeFileSync(join(place.folder, "package.json"), '{ "private": true }');
    writeFileSync(join(place.folder, "rules.yaml"), 'extends: ["spectral:oas"]\n');
    place.run("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", SPECTRAL);
    const lint = ["lint", "openapi.json", "--ruleset=rules.yaml", "--format=json", "--output=found.json"];
    await printed("npx", "--no-install", "spectral", ...lint);
    expect(JSON.parse(place.run("cat", "found.json"))).toEqual([]);
  });
});
