import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Database, openDatabase, type Sealing } from "../../src/adapters/mikro-orm/index.ts";
import { openNative } from "../../src/adapters/mikro-orm/sqlite/native-sqlite.ts";
import { run } from "../../src/bootstrap/cli/run.ts";
import { openSealing } from "../../src/bootstrap/open-sealing.ts";
import { keyDraft } from "../../src/testing/storage.ts";
import { bundled } from "../servers/bundled-programs.ts";
import { execute, findPostgres, freshDatabase } from "../servers/postgres-server.ts";
import { argumentsOf } from "../servers/start-command.ts";
import { isLongRun } from "../situations/long-run.ts";
import { masterKeyText, testSealing } from "../situations/sealing.ts";
import { WrittenTerminal } from "./cli/written-terminal.ts";
import { scratchFolder } from "./servers.ts";

const COMMAND = argumentsOf("rotate-data-key").slice(0, -1).map(bundled);
const KILLER = new URL("./kill-at-boundary.ts", import.meta.url).href;
/** More than two batches. */
const KEYS = 2100;
const SECRETS = Array.from({ length: KEYS }, (_, n) => `made-up-secret-${String(n).padStart(17, "0")}`);
/** At least so many, and one before each step: where there are fewer steps, the first of them once more. */
const KILLS = 20;
/** Some minutes on a busy machine; whatever takes longer is stuck. */
const MANY_KILLS = { timeout: 3_600_000 };
const SILENT = { info: () => {}, warn: () => {} };

type Environment = Readonly<Record<string, string>>;

/** A database with keys in it, and the way to whatever master key it has now. */
interface Filled {
  readonly env: Environment;
  open(): Promise<Database>;
  /** All that it has written. */
  bytes(): Promise<readonly Buffer[]>;
  /** Which data keys its secrets are sealed with. */
  dataKeys(): Promise<ReadonlySet<string>>;
}

/** Every secret is there, found by what it is and by its id, and plain in no file. */
async function expectWhole(filled: Filled): Promise<void> {
  const database = await filled.open();
  const secrets: string[] = [];
  for await (const keys of database.keys.load()) secrets.push(...keys.map(({ secret }) => secret));
  const found = await database.keys.findBySecret("speech", SECRETS[7] as string);
  const health = await database.health.check();
  const bytes = await filled.bytes();
  await database.close();
  expect(secrets).toEqual(SECRETS);
  expect(found).toMatchObject({ id: 8 });
  expect(health).toEqual({ status: "up" });
  for (const each of [...bytes, ...(await filled.bytes())])
    expect(each.includes("made-up-secret-")).toBe(false);
}

const COUNTING = ["--import", KILLER, ...COMMAND];

/** In a process that may be killed. */
async function rotate({ env }: Filled, key: string, killAt?: string) {
  const child: ChildProcess = spawn(process.execPath, [...COUNTING, `rotate-${key}`], {
    env: { PATH: process.env.PATH, ...env, ...(killAt !== undefined && { KILL_AT: killAt }) },
    stdio: "pipe",
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      output += chunk;
    });
  }
  const [code, signal] = await once(child, "close");
  const boundaries = /^\{"boundaries":(.*)\}$/m.exec(output)?.[1];
  return { code, signal, output, boundaries: JSON.parse(boundaries ?? "[]") as string[] };
}

/** Killed there it has lost nothing, and run again it is done. */
async function expectSurvived(filled: Filled, key: string, killAt: string): Promise<void> {
  const before = await filled.dataKeys();
  const killed = await rotate(filled, key, killAt);
  expect(killed, killed.output).toMatchObject({ signal: "SIGKILL" });
  await expectWhole(filled);
  const terminal = new WrittenTerminal();
  expect(await run([`rotate-${key}`], filled.env, terminal), terminal.beside).toBe(0);
  await expectWhole(filled);
  const after = await filled.dataKeys();
  if (key === "master-key") expect(after).toEqual(before);
  else expect([after.size, [...after].filter((each) => before.has(each))]).toEqual([1, []]);
}

async function killAtEach(key: string, filled: () => Promise<Filled>): Promise<void> {
  const whole = await filled();
  const { boundaries } = await rotate(whole, key);
  expect(boundaries.length).toBeGreaterThan(KILLS / 2);
  const places = [...boundaries, ...boundaries].slice(0, Math.max(KILLS, boundaries.length)).values();
  const takingTurns = Array.from({ length: availableParallelism() }, async () => {
    for (const killAt of places) await expectSurvived(await filled(), key, killAt);
  });
  await Promise.all(takingTurns);
}

const SELECT = "select distinct substr(sealed, 1, 4) as data_key from keys";

async function fill(url: string, sealing: Sealing): Promise<void> {
  const database = await openDatabase({ url, sealing });
  const add = (secret: string) => database.keys.add(keyDraft({ secret }), null);
  // So few at a time that none waits too long for its commit on a busy machine.
  for (let n = 0; n < KEYS; n += 100) await Promise.all(SECRETS.slice(n, n + 100).map(add));
  await database.close();
}

describe("a rotation of SQLite's keys that was cut off by kill -9 leaves every secret, and goes on", () => {
  // Not in the hook, where what is to run after all would not run.
  const template = scratchFolder(afterAll);
  beforeAll(async () => {
    await fill(`sqlite:${template}/data/keys.db`, ownFile(`${template}/config`));
  });

  const ownFile = (config: string) =>
    openSealing({ kind: "own-file", folder: `${config}/azure-key-pool` }, SILENT);
  const filled = (): Filled => {
    const folder = scratchFolder();
    cpSync(template, folder, { recursive: true });
    // Of folders the mode is not copied.
    chmodSync(`${folder}/config/azure-key-pool`, 0o700);
    const [data, config] = [`${folder}/data`, `${folder}/config`];
    const url = `sqlite:${data}/keys.db`;
    return {
      env: { DATABASE_URL: url, XDG_CONFIG_HOME: config },
      open: () => openDatabase({ url, sealing: ownFile(config) }),
      bytes: async () => readdirSync(data).map((name) => readFileSync(join(data, name))),
      dataKeys: async () => {
        const native = openNative(`${data}/keys.db`, { readonly: true });
        const rows = native.prepare(SELECT).all([]);
        native.close();
        return new Set(rows.map(({ data_key }) => String(data_key)));
      },
    };
  };

  // In a short run one of each: some of the secrets have the new data key, and the new master key's file its old name.
  it.runIf(!isLongRun).each([
    ["data-key", "begin immediate 2"],
    ["master-key", "renameSync 1"],
  ])("%s, before: %s", (key, killAt) => expectSurvived(filled(), key, killAt));

  it.runIf(isLongRun).each(["data-key", "master-key"])("%s, before each of its steps", MANY_KILLS, (key) =>
    killAtEach(key, async () => filled()),
  );
});

const postgres = await findPostgres();

describe.skipIf("missing" in postgres)("a rotation of PostgreSQL's keys that was cut off by kill -9", () => {
  const { server } = postgres as Extract<typeof postgres, { server: unknown }>;
  let template: { readonly url: string; drop(): Promise<void> };
  beforeAll(async () => {
    template = await freshDatabase(server);
    await fill(template.url, testSealing());
    return async () => {
      await template.drop();
      await server.stop();
    };
  });

  async function filled(key: string): Promise<Filled> {
    const { url, drop } = await freshDatabase(server, template.url);
    onTestFinished(drop);
    let masterKey = masterKeyText(1);
    const open = () => openDatabase({ url, usedBy: "instances", sealing: testSealing(masterKey) });
    const [kept, next] = [masterKey, masterKeyText(2)];
    return {
      get env() {
        return { DATABASE_URL: url, MASTER_KEY: masterKey, NEW_MASTER_KEY: next };
      },
      open: () =>
        open().catch((error) => {
          expect([key, masterKey, error.code]).toEqual(["master-key", kept, "wrong_master_key"]);
          masterKey = next;
          return open();
        }),
      bytes: async () => {
        const tables = ["keys", "logs", "settings", "sealing", "audit"].map(
          (table) => `select ${table}::text from ${table}`,
        );
        return [Buffer.from(JSON.stringify(await execute(url, tables.join(" union all "))))];
      },
      dataKeys: async () => new Set((await execute(url, SELECT)).map(({ data_key }) => String(data_key))),
    };
  }

  it.runIf(!isLongRun)("in the midst of the data key leaves every secret, and goes on", async () => {
    await expectSurvived(await filled("data-key"), "data-key", "begin 2");
  });

  it.runIf(isLongRun).each(["data-key", "master-key"])(
    "before each of the steps of the %s leaves every secret, and goes on",
    MANY_KILLS,
    (key) => killAtEach(key, () => filled(key)),
  );
});
