import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type CopiedCodes, copyDatabase } from "../../../src/adapters/mikro-orm/copy-database.ts";
import { type Database, openDatabase } from "../../../src/adapters/mikro-orm/open-database.ts";
import { openSession } from "../../../src/adapters/mikro-orm/open-session.ts";
import type { Sealing } from "../../../src/adapters/mikro-orm/secrets/sealing.ts";
import type { SqlSession } from "../../../src/adapters/mikro-orm/sql-session.ts";
import { openNative } from "../../../src/adapters/mikro-orm/sqlite/native-sqlite.ts";
import { run as runHere } from "../../../src/bootstrap/cli/run.ts";
import type { Standing } from "../../../src/domain/index.ts";
import { auditDraft } from "../../../src/testing/audit.ts";
import {
  cooling,
  disabledByCode,
  disabledByPerson,
  keyDraft,
  logDraft,
  NOON,
  standing,
} from "../../../src/testing/storage.ts";
import { accessToken } from "../../../src/testing/token-repository.ts";
import { WrittenTerminal } from "../../bootstrap/cli/written-terminal.ts";
import { bundled } from "../../servers/bundled-programs.ts";
import { execute, findPostgres, freshDatabase } from "../../servers/postgres-server.ts";
import { argumentsOf } from "../../servers/start-command.ts";
import { openSqliteHere } from "../../situations/open-sqlite-here.ts";
import { masterKeyText, testSealing } from "../../situations/sealing.ts";
import { codeOf } from "./forge.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const COMMAND = argumentsOf("copy-database").map(bundled);

const STANDINGS: readonly Standing[] = [
  standing(),
  standing({ generation: 7 }),
  cooling(),
  disabledByCode(403),
  disabledByPerson(),
  { ...disabledByCode(401, NOON + 1), cooldownUntil: NOON + 9, protectedUntil: NOON + 10, generation: 2 },
];

/** Filled once, and copied for each test. */
const filled = `${temporaryFolder(afterAll)}/keys.db`;
beforeAll(() => fill(filled));

const found = await findPostgres();

if ("missing" in found) {
  describe.skip(`copying a database (${found.missing})`, () => {});
} else {
  const target = await freshDatabase(found.server);
  await (await openDatabase({ url: target.url })).close();
  beforeEach(() => execute(target.url, "truncate keys, logs, settings, tokens, audit restart identity"));
  afterAll(async () => {
    await target.drop();
    await found.server.stop();
  });

  describe("a copy of a SQLite file in PostgreSQL", () => {
    it("has every key, log row and setting, with its id and all its values", async () => {
      const source = await filledFile();
      const before = await contentOf(source);
      expect(await commandedHere(["--from", source], { TO_DATABASE_URL: target.url })).toEqual({
        code: 0,
        output: expect.stringContaining(
          "copied 6 keys, 11 log rows, 2 settings, 1 tokens and 2 audit rows from sqlite:",
        ),
      });
      expect(before.keys.map(({ standing }) => standing)).toEqual(STANDINGS);
      const { page, ...after } = await contentOf(target.url);
      const [copied, ...entries] = page.entries;
      expect({ ...after, page: { entries, total: page.total - 1 } }).toEqual(before);
      expect(copied).toMatchObject({
        ...{ act: "copy_database", subject: "database", failure: null, actor: { id: "command line" } },
        after: { from: expect.stringMatching(/^sqlite:/), keys: 6, logs: 11, tokens: 1, audit: 2 },
      });
    });

    it("gives ids on, past those of deleted rows", async () => {
      const source = await filledFile();
      await copied(source, target.url);
      const database = await opened(target.url);
      const { id } = await database.keys.add(keyDraft({ secret: "the-next-key" }), logDraft());
      expect(id).toBe(8);
      const { entries } = await database.log.list({ services: ["speech", null], offset: 0, limit: 1000 });
      expect(Math.max(...entries.map((entry) => entry.id))).toBe(12);
    });

    it("replaces the settings that a start has seeded", async () => {
      const source = await filledFile();
      const database = await opened(target.url);
      const seeded = { value: "300", description: "seeded", createdAt: NOON, updatedAt: NOON };
      await database.settings.seed([
        { name: "cooldown_seconds", ...seeded },
        { name: "log_max_rows", ...seeded },
      ]);
      await copied(source, target.url);
      const settings = await database.settings.all();
      expect(settings.map(({ name, value }) => [name, value])).toEqual([
        ["cooldown_seconds", "60"],
        ["team.note", "für alle 🗝"],
      ]);
    });

    it("is refused where the target has keys or logs, which stay as they are", async () => {
      const source = await filledFile();
      const database = await opened(target.url);
      await database.log.append(logDraft({ note: "older" }));
      await expect(copied(source, target.url)).rejects.toThrow("the target has logs already");
      const { entries } = await database.log.list({ services: ["speech", null], offset: 0, limit: 10 });
      expect(entries.map(({ note }) => note)).toEqual(["older"]);
      await execute(target.url, "truncate logs");
      await database.keys.add(keyDraft(), null);
      expect(await commandedHere(["--from", source], { TO_DATABASE_URL: target.url })).toEqual({
        code: 1,
        output: expect.stringContaining("not copied: the target has keys already"),
      });
    });

    it("is refused while a server owns the file", async () => {
      const source = await filledFile();
      await opened(source);
      const { code, output } = await commandedHere(["--from", source], { TO_DATABASE_URL: target.url });
      expect(code).toBe(1);
      expect(output).toMatch(/not copied: sqlite:.* is in use.* Stop the server/);
    });

    it("leaves nothing when it is cut off, and works when it is run again", async () => {
      const source = await filledFile(20_000);
      const child = start(source, target.url);
      await printed(child, "logs: 0 of 20011");
      child.kill("SIGKILL");
      await once(child, "close");
      const [left] = await execute(
        target.url,
        "select (select count(*) from keys) + (select count(*) from logs) + (select count(*) from settings) + (select count(*) from tokens) as rows",
      );
      expect(Number(left?.rows)).toBe(0);
      expect(await ended(start(source, target.url))).toEqual({
        code: 0,
        output: expect.stringContaining("20011 log rows"),
      });
    });

    it("fails loudly, and leaves nothing, when a value did not arrive as it was", async () => {
      const source = await session(await filledFile());
      const real = await session(target.url);
      const careless: SqlSession = {
        ...real,
        execute: (sql, values) =>
          real.execute(sql, sql.startsWith("insert into keys") ? values?.with(3, "another name") : values),
      };
      await expect(copyDatabase(source, careless)).rejects.toThrow(
        "keys differ after the copy: id 1 has other values",
      );
      const forgetful: SqlSession = {
        ...real,
        execute: async (sql, values) => (sql.startsWith("insert into logs") ? [] : real.execute(sql, values)),
      };
      await expect(copyDatabase(source, forgetful)).rejects.toThrow("logs differ after the copy");
      expect(await execute(target.url, "select id from keys")).toEqual([]);
    });

    it("goes back into a file as well, where the totals of the log are right", async () => {
      const source = await filledFile();
      await copied(source, target.url);
      const back = `sqlite:${temporaryFolder()}/back.db`;
      await copied(target.url, back);
      expect(await contentOf(back)).toEqual(await contentOf(source));
      const database = await opened(back);
      expect((await database.keys.add(keyDraft({ secret: "the-next-key" }), null)).id).toBe(8);
      expect(await database.log.list({ services: ["translation"], offset: 0, limit: 1 })).toMatchObject({
        total: 1,
      });
    });
  });

  describe("the command", () => {
    it("explains itself when its arguments are not right, and repeats none", async () => {
      const wrong = [
        [],
        ["--from", "sqlite:keys.db"],
        ["--from", "mysql://root:hunter2@db/keys", "--to", "postgres://db/keys"],
        ["--form=postgres://:hunter2@db/keys"],
      ];
      for (const { code, output } of await Promise.all(wrong.map((args) => commandedHere(args)))) {
        expect(code).toBe(2);
        expect(output).toMatch(
          /error: .*\n\(--help says more\)|must be sqlite:|_DATABASE_URL must name a database/,
        );
        expect(output).not.toContain("hunter2");
      }
    });

    it("makes no file where the source is missing", async () => {
      const folder = temporaryFolder();
      const target = { TO_DATABASE_URL: "sqlite:never-made.db" };
      const { code, output } = await commandedHere(["--from", `sqlite:${folder}/typo.db`], target);
      expect({ code, output }).toEqual({
        code: 1,
        output: `not copied: there is no sqlite:${folder}/typo.db\n`,
      });
      expect(() => readFileSync(`${folder}/typo.db`)).toThrow("ENOENT");
    });

    it("takes both URLs from the environment, and from files that it names", async () => {
      const file = `${temporaryFolder()}/url`;
      writeFileSync(file, `${target.url}\n`, { mode: 0o600 });
      const environment = { FROM_DATABASE_URL: await filledFile(), TO_DATABASE_URL_FILE: file };
      expect(await commandedHere([], environment)).toMatchObject({ code: 0 });
    });

    it("names a target that is away without its password", async () => {
      const away = "postgres://pool:hunter2@127.0.0.1:1/keys";
      const { code, output } = await commandedHere(["--from", await filledFile()], { TO_DATABASE_URL: away });
      expect(code).toBe(1);
      expect(output).toMatch(
        /^not copied: postgres:\/\/127\.0\.0\.1:1\/keys does not answer: .*ECONNREFUSED/,
      );
      expect(output).not.toContain("hunter2");
    });
  });
}

describe("a copy between databases of two master keys", () => {
  const [one, other] = [testSealing(masterKeyText(1)), testSealing(masterKeyText(2))];
  const under = { source: codeOf("key"), target: codeOf("another key") };
  const codes = { tokens: under, audit: under };

  it("has every secret, token and row of the audit, under the other one's keys", async () => {
    const plain = await filledFile();
    const before = await contentOf(plain);
    const folder = temporaryFolder();
    const [source, target] = [`sqlite:${folder}/source.db`, `sqlite:${folder}/target.db`];
    await copied(plain, source, { to: one });
    await copied(source, target, { from: one, to: other, codes });
    expect(await contentOf(source, one)).toEqual(before);
    expect(await contentOf(target, other, under.target)).toEqual(before);
    await expect(openDatabase({ url: target, sealing: one })).rejects.toMatchObject({
      code: "wrong_master_key",
    });
    for (const name of readdirSync(folder))
      expect(readFileSync(`${folder}/${name}`, "latin1")).not.toContain("secret-of-key");
  });

  it("leaves out a token that nobody vouches for", async () => {
    const [plain, target] = [await filledFile(), `sqlite:${temporaryFolder()}/target.db`];
    await copied(plain, target, {
      to: one,
      codes: { ...codes, tokens: { ...under, source: codeOf("a third key") } },
    });
    const { tokens } = await contentOf(target, one, under.target);
    expect(tokens).toEqual({ tokens: [], forged: [] });
  });

  it("is refused where the audit of the source is not as it was written", async () => {
    const [plain, target] = [await filledFile(), `sqlite:${temporaryFolder()}/target.db`];
    const forged = { ...codes, audit: { ...under, source: codeOf("a third key") } };
    await expect(copied(plain, target, { to: one, codes: forged })).rejects.toThrow(
      "the audit of the source is changed from row 1 on",
    );
  });

  it("is refused where a secret of the source does not open", async () => {
    const [plain, source] = [await filledFile(), `${temporaryFolder()}/source.db`];
    await copied(plain, `sqlite:${source}`, { to: one });
    const native = openNative(source, {});
    native.exec("update keys set sealed = fingerprint where id = 3");
    native.close();
    await expect(
      copied(`sqlite:${source}`, `sqlite:${temporaryFolder()}/target.db`, { from: one, to: other }),
    ).rejects.toThrow("the secret of key 3 does not open");
  });

  it("leaves a source plain that is to be kept so", async () => {
    const [plain, target] = [await filledFile(), `sqlite:${temporaryFolder()}/target.db`];
    await copied(plain, target, { from: { ...one, keepsPlain: true }, to: other });
    expect(await contentOf(plain)).toEqual(await contentOf(target, other));
  });
});

async function filledFile(moreLogs = 0): Promise<string> {
  const file = `${temporaryFolder()}/keys.db`;
  copyFileSync(filled, file);
  if (moreLogs > 0) {
    const native = openNative(file, {});
    native
      .prepare(`with recursive n(i) as (select 1 union all select i + 1 from n where i < ?)
        insert into logs (service, action, status_code, created_at) select 'speech', 'set_status', 200, i from n`)
      .run([moreLogs]);
    native.close();
  }
  return `sqlite:${file}`;
}

/** Six keys of every standing, a seventh that was deleted, their log and two settings. */
async function fill(file: string): Promise<void> {
  const database = await openSqliteHere(`sqlite:${file}`);
  const { keys, log, settings } = database;
  for (const [i, one] of [...STANDINGS, standing()].entries()) {
    const name = ["plain", "东亚 🗝", "naïve 'quoted' \"name\" ?", ""][i % 4] as string;
    const [tag, maxInFlight] = i % 2 ? ["teäm", i] : [null, null];
    const draft = keyDraft({ secret: `secret-of-key-${i}`, name, tag, maxInFlight, standing: one });
    const key = await keys.add({ ...draft, service: i === 1 ? "translation" : "speech" }, null);
    const about = { service: key.service, keyId: key.id, keyName: name, region: key.region } as const;
    await log.append(
      logDraft({ ...about, action: "add_key", statusCode: null, note: "ключ\n\t🗝", at: NOON + i }),
    );
  }
  await keys.addUsage([{ id: 2, uses: 12_345, errors: 67, lastUsedAt: NOON + 5 }]);
  await keys.remove(7, logDraft({ keyId: 7, keyName: "gone", action: "delete_key", statusCode: null }));
  await log.append(logDraft({ service: null, action: "update_config", statusCode: null }));
  await log.append(logDraft({ statusCode: 429, keyId: 1, actor: "0123456789ab" }));
  const setting = { description: "déscription", createdAt: NOON, updatedAt: NOON + 1 };
  const changes = { cooldown_seconds: "60", "team.note": "für alle 🗝" };
  await database.tokensUnder(codeOf("key")).add(accessToken());
  for (const at of [NOON, NOON + 1]) await database.auditUnder(codeOf("key")).append(auditDraft({ at }));
  await settings.seed(Object.entries(changes).map(([name, value]) => ({ name, value, ...setting })));
  await log.append(logDraft({ action: "update_config" }));
  await database.close();
}

async function opened(url: string): Promise<Database> {
  const database = await open(url);
  onTestFinished(() => database.close());
  return database;
}

function open(url: string, sealing?: Sealing): Promise<Database> {
  if (url.startsWith("sqlite:")) return openSqliteHere(url, sealing);
  return openDatabase({ url, ...(sealing && { sealing }) });
}

async function session(url: string): Promise<SqlSession> {
  const one = await openSession(url);
  onTestFinished(() => one.close());
  return one;
}

/** The content of a database as the ports answer it. */
async function contentOf(url: string, sealing?: Sealing, code = codeOf("key")) {
  const database = await open(url, sealing);
  const list = async (service: "speech" | "translation") => ({
    keys: (await database.keys.list({ service }, NOON)).keys,
    logs: await database.log.list({ services: [service, null], offset: 0, limit: 1000 }),
  });
  const both = [await list("speech"), await list("translation")];
  const settings = await database.settings.all();
  const tokens = await database.tokensUnder(code).all();
  const audit = database.auditUnder(code);
  const page = await audit.list({ offset: 0, limit: 10 });
  await database.close();
  const keys = both.flatMap(({ keys }) => keys).toSorted((a, b) => a.id - b.id);
  return { keys, logs: both.map(({ logs }) => logs), settings, tokens, page };
}

function start(from: string, to: string): ChildProcess {
  // The target's URL has a password where the server wants one.
  const child = spawn(process.execPath, [...COMMAND, "--from", from], {
    env: { ...process.env, TO_DATABASE_URL: to },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return child;
}

async function copied(
  from: string,
  to: string,
  under: { readonly from?: Sealing; readonly to?: Sealing; readonly codes?: CopiedCodes } = {},
): Promise<void> {
  const sessions = [await openSession(from, under.from), await openSession(to, under.to)] as const;
  try {
    await copyDatabase(...sessions, undefined, under.codes);
  } finally {
    for (const session of sessions) await session.close();
  }
}

/** Runs the command without a process of its own. */
async function commandedHere(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const terminal = new WrittenTerminal();
  const code = await runHere(["copy-database", ...args], environment, terminal);
  return { code, output: terminal.written + terminal.beside };
}

async function ended(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  let output = "";
  const take = (chunk: unknown) => {
    output += chunk;
  };
  child.stdout?.on("data", take);
  child.stderr?.on("data", take);
  await once(child, "close");
  return { code: child.exitCode, output };
}

async function printed(child: ChildProcess, line: string): Promise<void> {
  let output = "";
  for await (const chunk of child.stderr ?? []) {
    output += chunk;
    if (output.includes(line)) return;
  }
  throw new Error(`The command ended early: ${output}`);
}
