import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { openDatabase } from "../../src/adapters/mikro-orm/index.ts";
import { openNative } from "../../src/adapters/mikro-orm/sqlite/native-sqlite.ts";
import { run } from "../../src/bootstrap/cli/run.ts";
import { readMasterKeySource } from "../../src/bootstrap/master-key-source.ts";
import { openSealing } from "../../src/bootstrap/open-sealing.ts";
import { auditOf } from "../../src/bootstrap/tokens-of.ts";
import { keyDraft } from "../../src/testing/storage.ts";
import { bundled } from "../servers/bundled-programs.ts";
import { findPostgres, freshDatabase } from "../servers/postgres-server.ts";
import { argumentsOf } from "../servers/start-command.ts";
import { isLongRun } from "../situations/long-run.ts";
import { masterKeyText, testSealing } from "../situations/sealing.ts";
import { WrittenTerminal } from "./cli/written-terminal.ts";
import { scratchFolder } from "./servers.ts";

const COMMAND = argumentsOf("rotate-data-key").slice(0, -1).map(bundled);
/** More than two batches. */
const KEYS = 2100;
/** All of them wait for the database at once. */
const STUCK_MS = 300_000;
const SECRETS = Array.from({ length: KEYS }, (_, n) => `made-up-secret-${String(n).padStart(17, "0")}`);

type Environment = Readonly<Record<string, string>>;

function start(env: Environment, key: string): ChildProcess {
  const child = spawn(process.execPath, [...COMMAND, `rotate-${key}`], {
    env: { PATH: process.env.PATH, MASTER_KEY: masterKeyText(1), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

async function rotatedInAProcess(env: Environment, key: string) {
  const child = start(env, key);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      output += chunk;
    });
  }
  const [code] = await once(child, "close");
  return { code, output };
}

/** The same without a process of its own. */
async function rotated(env: Environment, key: string) {
  const terminal = new WrittenTerminal();
  const code = await run([`rotate-${key}`], { MASTER_KEY: masterKeyText(1), ...env }, terminal);
  return { code, output: terminal.written + terminal.beside };
}

async function fill(url: string): Promise<void> {
  const database = await openDatabase({ url, sealing: testSealing(), writeTimeoutMs: STUCK_MS });
  await Promise.all(SECRETS.map((secret) => database.keys.add(keyDraft({ secret }), null)));
  await database.close();
}

async function expectAllThere(url: string, masterKey = masterKeyText(1)): Promise<void> {
  const database = await openDatabase({ url, sealing: testSealing(masterKey) });
  const secrets: string[] = [];
  for await (const keys of database.keys.load()) secrets.push(...keys.map(({ secret }) => secret));
  expect(secrets).toEqual(SECRETS);
  expect(await database.keys.findBySecret("speech", SECRETS[7] ?? "")).toMatchObject({ id: 8 });
  await database.close();
}

const sealedIn = (file: string) => {
  const native = openNative(file, { readonly: true });
  const rows = native.prepare("select sealed from keys order by id").all([]);
  native.close();
  return rows.map(({ sealed }) => String(sealed));
};

const prefixesIn = (file: string) => [...new Set(sealedIn(file).map((sealed) => sealed.slice(0, 4)))];

/** Filled once, for each test to copy. */
const filled = `${scratchFolder(afterAll)}/keys.db`;
beforeAll(() => fill(`sqlite:${filled}`));

function filledFile() {
  const folder = scratchFolder();
  const [file, url] = [`${folder}/keys.db`, `sqlite:${folder}/keys.db`];
  copyFileSync(filled, file);
  return { folder, file, url };
}

it("another master key opens what the old one did, which opens it no more", async () => {
  const { file, url } = filledFile();
  const before = sealedIn(file);
  const NEW_MASTER_KEY = masterKeyText(2);
  expect(await rotated({ DATABASE_URL: url, NEW_MASTER_KEY }, "master-key")).toEqual({
    code: 0,
    output: "the master key is now the one from NEW_MASTER_KEY: start the servers with it\n",
  });
  expect(sealedIn(file)).toEqual(before);
  await expectAllThere(url, NEW_MASTER_KEY);
  await expect(openDatabase({ url, sealing: testSealing() })).rejects.toMatchObject({
    code: "wrong_master_key",
  });
});

it.runIf(isLongRun)(
  "our own key file is exchanged, also when that was cut off before it was renamed",
  async () => {
    const [data, config] = [scratchFolder(), scratchFolder()];
    const url = `sqlite:${data}/keys.db`;
    const env = { DATABASE_URL: url, XDG_CONFIG_HOME: config, MASTER_KEY: "" };
    expect((await rotated(env, "data-key")).code).toBe(0);
    const folder = `${config}/azure-key-pool`;
    const [name = ""] = readdirSync(folder);
    const first = readFileSync(`${folder}/${name}`, "utf8");
    expect((await rotated(env, "master-key")).output).toContain("our own file is now another one");
    const second = readFileSync(`${folder}/${name}`, "utf8");
    expect(second).not.toBe(first);

    renameSync(`${folder}/${name}`, `${folder}/${name}.next`);
    writeFileSync(`${folder}/${name}`, first, { mode: 0o600 });
    expect((await rotated(env, "data-key")).code).toBe(0);
    expect(readdirSync(folder)).toEqual([name]);
    expect(readFileSync(`${folder}/${name}`, "utf8")).toBe(second);

    // This one was cut off before its envelope was stored.
    writeFileSync(`${folder}/${name}.next`, masterKeyText(7), { mode: 0o600 });
    expect((await rotated(env, "data-key")).code).toBe(0);
    expect(readFileSync(`${folder}/${name}`, "utf8")).toBe(second);
    expect((await rotated(env, "master-key")).code).toBe(0);
    expect(readFileSync(`${folder}/${name}`, "utf8")).toBe(masterKeyText(7));
  },
);

it("another data key seals every secret, and nothing of the older one is left", async () => {
  const { folder, file, url } = filledFile();
  const [old = "", ...others] = prefixesIn(file);
  const before = sealedIn(file)[0] as string;
  expect(others).toEqual([]);
  expect((await rotatedInAProcess({ DATABASE_URL: url }, "data-key")).output).toContain(
    "data key 2, the older ones are gone",
  );
  expect(prefixesIn(file)).toHaveLength(1);
  expect(prefixesIn(file)).not.toContain(old);
  for (const name of readdirSync(folder))
    expect(readFileSync(`${folder}/${name}`).includes(before)).toBe(false);
  await expectAllThere(url);
});

it("both leave a row in the audit, which stays whole", async () => {
  const url = `sqlite:${scratchFolder()}/keys.db`;
  const NEW_MASTER_KEY = masterKeyText(2);
  await rotated({ DATABASE_URL: url }, "data-key");
  await rotated({ DATABASE_URL: url, NEW_MASTER_KEY }, "master-key");
  const silent = { info: () => {}, warn: () => {} };
  const sealing = openSealing(readMasterKeySource({ MASTER_KEY: NEW_MASTER_KEY }, []), silent);
  const database = await openDatabase({ url, sealing });
  onTestFinished(() => database.close());
  const audit = auditOf(database, sealing);
  const { entries } = await audit.list({ offset: 0, limit: 10 });
  expect(entries).toMatchObject([
    { act: "rotate_master_key", actor: { id: "command line" }, after: { master_key: "NEW_MASTER_KEY" } },
    { act: "rotate_data_key", actor: { id: "command line" }, after: { data_key: 2, resumed: false } },
  ]);
  expect(await audit.verify()).toEqual({ intact: true, rows: 2 });
});

it.runIf(isLongRun)(
  "is refused while a server has the database, without a new key, and with wrong arguments",
  async () => {
    const { url } = filledFile();
    const database = await openDatabase({ url, sealing: testSealing() });
    const inUse = await rotated({ DATABASE_URL: url }, "data-key");
    await database.close();
    expect([inUse.code, inUse.output]).toEqual([1, expect.stringContaining("is in use")]);
    const keyless = await rotated({ DATABASE_URL: url }, "master-key");
    expect([keyless.code, keyless.output]).toEqual([
      1,
      expect.stringContaining("NEW_MASTER_KEY or NEW_MASTER_KEY_FILE: must be set"),
    ]);
    const wrong = await rotated({ DATABASE_URL: url }, "keys");
    expect([wrong.code, wrong.output]).toEqual([2, expect.stringContaining("unknown command")]);
    await expectAllThere(url);
  },
);

const postgres = await findPostgres();

it.skipIf(!isLongRun || "missing" in postgres)(
  "both keys of a PostgreSQL database are exchanged, unless an instance runs",
  async () => {
    if ("missing" in postgres) return;
    const { url, drop } = await freshDatabase(postgres.server);
    onTestFinished(async () => {
      await drop();
      await postgres.server.stop();
    });
    await fill(url);
    const env = { DATABASE_URL: url, NEW_MASTER_KEY: masterKeyText(2) };
    const instance = await openDatabase({ url, usedBy: "instances", sealing: testSealing() });
    for (const key of ["master-key", "data-key"]) {
      const { code, output } = await rotated(env, key);
      expect([code, output]).toEqual([1, expect.stringContaining("is in use")]);
    }
    await instance.close();
    expect((await rotated(env, "data-key")).code).toBe(0);
    expect((await rotated(env, "master-key")).code).toBe(0);
    await expectAllThere(url, masterKeyText(2));
  },
);
