import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { isLongRun } from "../situations/long-run.ts";
import { masterKeyText } from "../situations/sealing.ts";
import { MANIFEST, pack, type Scratch, SPECIFIERS, scratch } from "./packed.ts";

const STORE_TEST = `
import { InMemoryCooldownStore, ManualClock } from "azure-key-pool/in-memory";
import { describeCooldownStore } from "azure-key-pool/testing";
describeCooldownStore("installed", async () => {
  const clock = new ManualClock();
  const store = new InMemoryCooldownStore(clock);
  const reach = async (instant) => clock.advance(instant - clock.now());
  return { store, other: store, reach, close: async () => {} };
});
`;

const SERVER = `
import { createKeyPool } from "azure-key-pool";
import { createHttpApp, listen } from "azure-key-pool/http";
import { InMemoryCooldownStore, SystemClock } from "azure-key-pool/in-memory";
import { openDatabase } from "azure-key-pool/mikro-orm";
import { KeyPoolClient } from "azure-key-pool/client";
import { pino } from "pino";
const clock = new SystemClock();
const database = await openDatabase({ url: "sqlite:./keys.db" });
const pool = createKeyPool({ ...database, clock, cooldowns: new InMemoryCooldownStore(clock), health: [] });
await pool.start();
const log = pino({ level: "silent" });
const server = await listen(createHttpApp({ pool, clock, log, version: "1" }));
const client = new KeyPoolClient({ baseUrl: server.url + "/api" });
await client.addKey("speech", { key: "a-made-up-key-0001", region: "eastasia" });
const use = await client.withKey({ service: "speech" }, async ({ key }) => key.length);
process.stdout.write(JSON.stringify(use));
await server.close();
await pool.stop();
await database.close();
`;

describe.runIf(isLongRun)("an installation from the registry", () => {
  let packed: Scratch;
  let tarball: string;

  beforeAll(() => {
    packed = scratch();
    tarball = pack(packed.folder);
  });
  afterAll(() => packed.remove());

  /** A project that has installed the package and what is named. */
  const project = (...names: readonly string[]): Scratch => {
    const place = scratch();
    onTestFinished(() => place.remove());
    writeFileSync(join(place.folder, "package.json"), '{ "private": true, "type": "module" }');
    const versions = names.map((name) => `${name}@${MANIFEST.devDependencies[name]}`);
    place.run("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", tarball, ...versions);
    return place;
  };
  const node = (place: Scratch, script: string) =>
    place.run(process.execPath, "--input-type=module", "--eval", script);

  it("brings what the server runs on, and no tool", () => {
    const { dependencies, devDependencies } = MANIFEST;
    const { folder } = project();
    const isInstalled = (name: string) => existsSync(join(folder, "node_modules", name));
    expect(Object.keys(dependencies).filter((name) => !isInstalled(name))).toEqual([]);
    // Types of Node come with the packages that speak of it.
    const tools = Object.keys(devDependencies).filter((name) => !name.startsWith("@types/"));
    expect(tools.filter(isInstalled)).toEqual([]);
  });

  it("loads every subpath; the suites with a test runner of one's own", () => {
    const place = project();
    for (const specifier of SPECIFIERS.filter((name) => name !== "azure-key-pool/testing")) {
      const script = `process.stdout.write(typeof await import("${specifier}"));`;
      expect(node(place, script), specifier).toBe("object");
    }
  });

  it("runs the contract suites over a user's own adapter", () => {
    const place = project("vitest");
    writeFileSync(join(place.folder, "store.test.js"), STORE_TEST);
    place.run("npx", "--no-install", "vitest", "run", "--reporter=json", "--outputFile=report.json");
    const report = JSON.parse(readFileSync(join(place.folder, "report.json"), "utf8"));
    expect(report).toMatchObject({ success: true, numFailedTests: 0 });
    expect(report.numPassedTests).toBeGreaterThan(15);
  });

  it("is enough for a server, and for a program that uses it", () => {
    const place = project();
    expect(JSON.parse(node(place, SERVER))).toBe(18);
  });

  it("is the command, which serves in an empty folder and asks what is served", async () => {
    const place = project();
    const bin = join(place.folder, "node_modules/.bin/azure-key-pool");
    const env = { PATH: process.env.PATH, PORT: "0", MASTER_KEY: masterKeyText() };
    const server = spawn(bin, [], { cwd: place.folder, env, stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void server.kill("SIGKILL"));
    let log = "";
    for await (const chunk of server.stdout) {
      log += chunk;
      if (log.includes('"serving"')) break;
    }
    const url = /"url":"([^"]+)"/.exec(log)?.[1] ?? "";
    expect(JSON.parse(place.run(bin, "stats", "--json", "--url", url))).toHaveProperty("speech.cooldown");
    expect(place.run(bin, "--version").trim()).toBe(MANIFEST.version);
    expect(existsSync(join(place.folder, "data/keys.db"))).toBe(true);
  });

  it("has types for every subpath", () => {
    const place = project("typescript", "@types/node", "vitest");
    const lines = SPECIFIERS.map((name, i) => `import * as module${i} from "${name}";`);
    const used = SPECIFIERS.map((_, i) => `module${i}`);
    const strict = `// @ts-expect-error\nconst wrong: 1 = module${SPECIFIERS.indexOf("azure-key-pool/http")}.createHttpApp;`;
    writeFileSync(
      join(place.folder, "consumer.mts"),
      `${lines.join("\n")}\nexport const all = [${used}];\n${strict}\n`,
    );
    const compile = ["--module", "nodenext", "--target", "es2024", "--strict", "--noEmit", "--types", "node"];
    let output = "";
    try {
      place.run("npx", "--no-install", "tsc", ...compile, "consumer.mts");
    } catch (error) {
      output = (error as Error).message;
    }
    // Other packages' declarations have faults of their own, which `skipLibCheck` would hide together with ours.
    const ours = output.split("\n").filter((line) => /^(consumer|node_modules\/azure-key-pool)\b/.test(line));
    expect(ours).toEqual([]);
  });
});
