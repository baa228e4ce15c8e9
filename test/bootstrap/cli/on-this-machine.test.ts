import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { openDatabase } from "../../../src/adapters/mikro-orm/index.ts";
import { openNative } from "../../../src/adapters/mikro-orm/sqlite/native-sqlite.ts";
import { SERVER_FLAGS } from "../../../src/bootstrap/cli/local/serve-command.ts";
import { run as runHere } from "../../../src/bootstrap/cli/run.ts";
import { openReceiver } from "../../adapters/webhook/receiver.ts";
import { bundled } from "../../servers/bundled-programs.ts";
import { noTerminal, type Run, runCommand, startOnTerminal } from "../../servers/command.ts";
import { PoolServer, SERVER_ENVIRONMENT } from "../../servers/pool-server.ts";
import { findPostgres, freshDatabase } from "../../servers/postgres-server.ts";
import { findRedis } from "../../servers/redis-server.ts";
import { V8_FLAGS } from "../../servers/start-command.ts";
import { isLongRun } from "../../situations/long-run.ts";
import { masterKeyText, testSealing } from "../../situations/sealing.ts";
import { scratchFolder, secretOf, serveHere } from "../servers.ts";
import { WrittenTerminal } from "./written-terminal.ts";

const COMMAND = bundled(new URL("../../../src/bootstrap/azure-key-pool.mjs", import.meta.url).pathname);
const FIRST_SCHEMA = new URL("../../fixtures/first-schema.db", import.meta.url);

type Environment = Readonly<Record<string, string>>;

const inAProcess = (words: string, env: Environment): Promise<Run> => runCommand(words.split(" "), { env });

/** The same without a process of its own, which would load again what this one has loaded. */
async function run(words: string, env: Environment): Promise<Run> {
  const terminal = new WrittenTerminal();
  const code = await runHere(words.split(" "), { ...SERVER_ENVIRONMENT, ...env }, terminal);
  return { code, out: terminal.written, err: terminal.beside };
}

async function opened(file: string) {
  const database = await openDatabase({ url: `sqlite:${file}`, sealing: testSealing() });
  onTestFinished(() => database.close());
  return database;
}

/** Of a doctor: the lines that begin with this sign. */
const findings = ({ out }: Run, sign: string) =>
  out.split("\n").filter((line) => line.startsWith(`${sign} `));

describe("serve", () => {
  it("is what no command means, makes a database in an empty folder, and is the server itself", async () => {
    const cwd = scratchFolder();
    const server = await PoolServer.start({ cwd, command: [process.execPath, COMMAND] });
    const database = `sqlite:${cwd}/data/keys.db`;
    expect(server.log).toEqual([
      expect.objectContaining({ msg: "the database is new, and empty", database }),
      expect.objectContaining({ msg: "serving", database, keys: 0, door: "open", pid: server.pid }),
    ]);
    if (existsSync("/proc/self/cmdline")) {
      const flags = readFileSync(`/proc/${server.pid}/cmdline`, "utf8").split("\0");
      expect(flags).toEqual(expect.arrayContaining([...SERVER_FLAGS, ...V8_FLAGS]));
    }
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    expect(server.output).not.toMatch(/warning/i);
  });
});

describe("backup", () => {
  it("copies the database of a running server, which is a database as it is", async () => {
    const folder = scratchFolder();
    const { api } = await serveHere({ DATABASE_URL: `sqlite:${folder}/keys.db` });
    await api.add(secretOf("kept"), "eastasia", { keyname: "kept" });
    const env = { DATABASE_URL: `sqlite:${folder}/keys.db` };
    mkdirSync(`${folder}/vault`);
    const made = await inAProcess(`backup ${folder}/vault/copy.db`, env);
    expect(made).toMatchObject({ code: 0, err: expect.stringContaining("master key") });
    expect(made.out).toMatch(/copy\.db has 1 keys, \d+ bytes, and is checked\n$/);
    expect(statSync(`${folder}/vault/copy.db`).mode & 0o777).toBe(0o600);
    const again = await run(`backup ${folder}/vault/copy.db`, env);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining("exists already")]);
    const { keys } = await opened(`${folder}/vault/copy.db`);
    expect(await keys.findBySecret("speech", secretOf("kept"))).toMatchObject({ id: 1, name: "kept" });
  });

  it("leaves PostgreSQL to pg_dump", async () => {
    const { code, err } = await run("backup x.db", { DATABASE_URL: "postgres://me:hunter2@127.0.0.1/keys" });
    expect([code, err]).toEqual([1, expect.stringContaining("pg_dump")]);
    expect(err).not.toContain("hunter2");
  });
});

it("migrate brings an old database up to date, once, and not one that is in use", async () => {
  const file = `${scratchFolder()}/old.db`;
  copyFileSync(FIRST_SCHEMA, file);
  const env = { DATABASE_URL: `sqlite:${file}` };
  const first = await run("migrate --json", env);
  expect([first.code, JSON.parse(first.out)]).toEqual([
    0,
    {
      database: `sqlite:${file}`,
      migrations: [
        ...["0002_key_placement", "0003_tokens", "0004_sealing", "0005_audit", "0006_log_actor"],
        "0007_key_limit",
      ],
    },
  ]);
  const database = await opened(file);
  const inUse = await run("migrate", env);
  expect([inUse.code, inUse.err]).toEqual([1, expect.stringContaining("is in use")]);
  await database.close();
  expect((await run("migrate", env)).out).toBe(`sqlite:${file} is up to date\n`);
});

describe("doctor", () => {
  it("finds nothing wrong beside a running server, and changes no file", async () => {
    const file = `${scratchFolder()}/keys.db`;
    const ADMIN_TOKEN = "the-admin-token-of-the-environment";
    const { api } = await serveHere({ DATABASE_URL: `sqlite:${file}`, ADMIN_TOKEN });
    expect((await api.get("/keys")).status).toBe(401);
    const before = readFileSync(file);
    const found = await inAProcess("doctor", { DATABASE_URL: `sqlite:${file}` });
    expect([found.code, found.err, findings(found, "✗"), findings(found, "!")]).toEqual([0, "", [], []]);
    expect(findings(found, "✓").join("\n")).toMatch(/environment[\s\S]*master key[\s\S]*audit is whole/);
    expect(readFileSync(file)).toEqual(before);
  });

  it("says whether the webhook's host is reached, posts nothing and tells nothing of its path", async () => {
    const file = `${scratchFolder()}/keys.db`;
    await (await opened(file)).close();
    const receiver = await openReceiver();
    const env = { DATABASE_URL: `sqlite:${file}`, WEBHOOK_FORMAT: "slack" };
    const reached = await run("doctor", { ...env, WEBHOOK_URL: receiver.url });
    expect([reached.code, findings(reached, "✓")]).toEqual([
      0,
      expect.arrayContaining(["✓ the webhook gets slack", "✓ the webhook's host 127.0.0.1 is reached"]),
    ]);
    expect(receiver.received).toEqual([]);
    const nobody = await run("doctor", { ...env, WEBHOOK_URL: "http://127.0.0.1:1/s3cret-path" });
    expect([nobody.code, findings(nobody, "✗")]).toEqual([
      1,
      [expect.stringContaining("the webhook's host 127.0.0.1 is not reached")],
    ]);
    const plain = await run("doctor", { ...env, WEBHOOK_URL: "http://hooks.example.com/s3cret-path" });
    expect(findings(plain, "✗")).toEqual([expect.stringContaining("WEBHOOK_URL: must be https://")]);
    for (const { out, err } of [reached, nobody, plain]) expect(out + err).not.toContain("s3cret-path");
  });

  it("names every bad variable", async () => {
    const { code, out } = await run("doctor --json", { PORT: "x", LOG_LEVEL: "loud", MASTER_KEY: "hunter2" });
    const faults = JSON.parse(out).checks.filter(({ level }: { level: string }) => level === "fault");
    expect([code, faults.map(({ what }: { what: string }) => what.split(":")[0])]).toEqual([
      1,
      ["PORT", "MASTER_KEY", "LOG_LEVEL"],
    ]);
    expect(out).not.toContain("hunter2");
  });

  it("says what would keep a start from working, and what to do", async () => {
    const file = `${scratchFolder()}/keys.db`;
    await (await opened(file)).close();
    chmodSync(file, 0o644);
    const other = { MASTER_KEY: masterKeyText(9), REDIS_URL: "redis://127.0.0.1:2" };
    const found = await run("doctor --quiet", { DATABASE_URL: `sqlite:${file}`, ...other });
    expect(found.code).toBe(1);
    expect(findings(found, "✗")).toEqual([
      expect.stringContaining("MASTER_KEY is not the one"),
      expect.stringContaining("Redis does not answer"),
    ]);
    expect(findings(found, "!")).toEqual([`! ${file} is open to other users`]);
    expect(found.out).toContain(`    chmod 600 ${file}\n`);
    expect(findings(found, "✓")).toEqual([]);
  });

  it("says so when our own key file is open to others, or gone, and makes none", async () => {
    const [data, config] = [scratchFolder(), scratchFolder()];
    const env = { DATABASE_URL: `sqlite:${data}/keys.db`, XDG_CONFIG_HOME: config, MASTER_KEY: "" };
    expect((await run("migrate", env)).err).toContain("made the master key");
    const [name = ""] = readdirSync(`${config}/azure-key-pool`);
    const keyFile = `${config}/azure-key-pool/${name}`;
    expect((await run("doctor", env)).code).toBe(0);
    chmodSync(keyFile, 0o644);
    expect(findings(await run("doctor", env), "✗")).toEqual([expect.stringContaining("is open to others")]);
    rmSync(keyFile);
    expect(findings(await run("doctor", env), "✗")).toEqual([
      expect.stringContaining(`There is no ${keyFile}`),
    ]);
    expect(existsSync(keyFile)).toBe(false);
  });

  it("finds a row of the audit that was changed, a forged token, and a token that ends soon", async () => {
    const file = `${scratchFolder()}/keys.db`;
    const env = { DATABASE_URL: `sqlite:${file}` };
    await run("token create --name first --role admin", env);
    await run("token create --name brief --role viewer --expires 1d", env);
    const native = openNative(file, {});
    native.exec("update audit set subject = 'nothing' where sequence = 1");
    native.exec(
      "insert into tokens select 'f00000000000', name, role, scope, 'x', 0, 1, null, code from tokens limit 1",
    );
    native.close();
    const found = await run("doctor", { ...env, ADMIN_TOKEN: "x".repeat(32) });
    expect(found.code).toBe(1);
    expect(findings(found, "✗")).toEqual([
      expect.stringContaining("token f00000000000 was written into the database by somebody else"),
      "✗ row 1 of the audit is not as it was written",
    ]);
    expect(findings(found, "!")).toEqual([
      expect.stringMatching(/\(brief\) expires on/),
      expect.stringContaining("ADMIN_TOKEN is set though"),
    ]);
  });

  it("warns of a database that is not there, and makes none", async () => {
    const folder = scratchFolder();
    const found = await run("doctor", { DATABASE_URL: `sqlite:${folder}/data/typo.db`, HOST: "127.0.0.1" });
    expect([found.code, findings(found, "!")]).toEqual([
      0,
      [`! there is no sqlite:${folder}/data/typo.db yet`],
    ]);
    expect(existsSync(`${folder}/data`)).toBe(false);
  });

  it.skipIf(noTerminal)("is coloured on a terminal", async () => {
    const { out } = await startOnTerminal(["doctor"], { env: { DATABASE_URL: "sqlite::memory:" } }).ended;
    expect(out).toContain("\u001b[32m✓");
  });

  it.skipIf(noTerminal || !isLongRun)("is not coloured where NO_COLOR is set", async () => {
    const env = { DATABASE_URL: "sqlite::memory:" };
    const plain = await startOnTerminal(["doctor"], { env: { ...env, NO_COLOR: "1" } }).ended;
    expect(plain.out).toMatch(/^✓ Node/);
    expect(plain.out).not.toContain("\u001b[");
  });
});

const [postgres, redis] = [await findPostgres(), await findRedis()];
afterAll(async () => {
  if ("server" in postgres) await postgres.server.stop();
  if ("server" in redis) await redis.server.stop();
});

it.skipIf("missing" in postgres || "missing" in redis)(
  "doctor looks at PostgreSQL, Redis, their clocks, and the hosts of Azure",
  async () => {
    if ("missing" in postgres || "missing" in redis) return;
    const { url, drop } = await freshDatabase(postgres.server);
    onTestFinished(drop);
    // Any port that is listened on will do.
    const listening = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void listening.close());
    await once(listening, "listening");
    const { port } = listening.address() as AddressInfo;
    const env = { DATABASE_URL: url, REDIS_URL: redis.server.url };
    const azure = {
      AZURE_SPEECH_URL: `http://127.0.0.1:${port}`,
      AZURE_TRANSLATOR_URL: "http://127.0.0.1:2",
    };
    expect((await run("migrate", env)).code).toBe(0);
    const found = await run("doctor --azure", { ...env, ...azure });
    const good = findings(found, "✓").join("\n");
    for (const what of [
      "clock agrees with that of the database",
      "Redis answers",
      "clock agrees with that of Redis",
      "127.0.0.1 is reached",
    ])
      expect(good).toContain(what);
    expect([found.code, findings(found, "✗")]).toEqual([
      1,
      [expect.stringContaining("127.0.0.1 is not reached")],
    ]);
  },
);
