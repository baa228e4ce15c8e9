import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { delimiter } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { openNative } from "../../src/adapters/mikro-orm/sqlite/native-sqlite.ts";
import { watchEvents } from "../adapters/http/events/event-caller.ts";
import {
  type LogLine,
  PoolServer,
  type PoolServerOptions,
  SERVER_COMMAND,
  SERVER_ENVIRONMENT,
} from "../servers/pool-server.ts";
import { isLongRun } from "../situations/long-run.ts";
import { refusedHere, scratchFolder, secretOf, serve, serveHere, until } from "./servers.ts";

/** Whose only thread, which writes its log, is busy when it is told to end. */
const WITH_A_BUSY_THREAD: PoolServerOptions = {
  env: { UV_THREADPOOL_SIZE: "1" },
  command: SERVER_COMMAND.toSpliced(
    1,
    0,
    "--import",
    `data:text/javascript,${encodeURIComponent(`
      import { pbkdf2 } from "node:crypto";
      const keepBusy = () => pbkdf2("password", "salt", 100_000, 32, "sha256", () => {});
      for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, keepBusy);
    `)}`,
  ),
};

const hasProc = existsSync("/proc/self/exe");

describe("a server", () => {
  it("serves when it is healthy, ends with 0 on SIGTERM with its log in order, and no key has changed", async () => {
    const file = `${scratchFolder()}/keys.db`;
    const { server, api } = await serve(file, WITH_A_BUSY_THREAD);
    const { status, body } = await api.get("/health");
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ status: "healthy", parts: { database: { status: "up" } } });
    const database = `sqlite:${file}`;
    expect(server.log).toEqual([
      expect.objectContaining({ msg: "the database is new, and empty", database }),
      expect.objectContaining({ msg: "serving", url: server.url, database, keys: 0, door: "open" }),
    ]);

    const names = ["available", "cooling", "dead", "retired", "busy"];
    for (const name of names) await api.add(secretOf(name), "eastasia", { tag: name });
    await api.report(secretOf("cooling"), 429);
    await api.report(secretOf("dead"), 401);
    await api.post(`/keys/${secretOf("retired")}/disable`);
    const before = (await api.get("/keys")).body.data;
    const statuses = before.map(({ status }: { status: string }) => status);
    expect(statuses).toEqual(["enabled", "cooldown", "disabled", "disabled", "enabled"]);
    for (let n = 0; n < 20; n++) await api.get("/keys/get?tag=busy");
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    expect(server.log.slice(-2).map(({ msg }) => msg)).toEqual(["stopping", "stopped"]);

    const again = await serveHere({ DATABASE_URL: database });
    expect(again.server.log[0]).toMatchObject({ msg: "serving", database, keys: 5 });
    const after = (await again.api.get("/keys")).body.data;
    expect(after.map(withoutCounters)).toEqual(before.map(withoutCounters));
    expect(after[4]).toMatchObject({ usage_count: 20, error_count: 0 });
    expect(after[1]).toMatchObject({ usage_count: 0, error_count: 1 });
  });

  it("on SIGINT tells those who watch that it stops, then finishes the running requests, and ends with 0", async () => {
    const file = `${scratchFolder()}/keys.db`;
    const { server, api } = await serve(file, WITH_A_BUSY_THREAD);
    const secrets = Array.from({ length: 50 }, (_, n) => secretOf(n));
    await Promise.all(secrets.map((secret) => api.add(secret)));
    const watcher = await watchEvents(server.url);
    const other = openNative(file, {});
    onTestFinished(() => other.close());
    other.exec("begin immediate");
    const reports = secrets.map((secret, n) => api.report(secret, 429, `running ${n}`));
    // Each key rests before its report is answered: now all of them run.
    await until(
      () => api.handOut(),
      ({ status }) => status === 503,
    );
    server.signal("SIGINT");
    await watcher.closed;
    expect(watcher.messages).toEqual([{ event: "end", data: { reason: "stopping" } }]);
    other.exec("rollback");
    for (const { status, body } of await Promise.all(reports)) {
      expect(status).toBe(200);
      expect(body.data).toEqual({ action: "cooldown", statusChanged: true });
    }
    expect(await server.exited).toEqual({ code: 0, signal: null });
    const said = server.log.map(({ msg }) => msg);
    expect(said.filter((msg) => msg === "stopping" || msg === "stream ended")).toEqual([
      "stopping",
      "stream ended",
    ]);
    expect(said.at(-1)).toBe("stopped");
    expect(server.log.filter(({ msg }) => msg === "stream ended")).toMatchObject([{ ended: "stopping" }]);
    const { count } = ask(file, "select count(*) as count from logs where action = 'cooldown_start'");
    expect(count).toBe(50);
  });

  it("ends at once on a second signal, even if it is another one", async () => {
    const file = `${scratchFolder()}/keys.db`;
    const { server, api } = await serve(file);
    await api.add(secretOf(1));
    const other = openNative(file, {});
    onTestFinished(() => other.close());
    other.exec("begin immediate");
    const report = api.report(secretOf(1), 429).catch((error) => error);
    await until(
      () => api.handOut(),
      ({ status }) => status === 503,
    );
    server.signal("SIGTERM");
    await server.logged("stopping");
    expect(await server.stop("SIGINT")).toEqual({ code: null, signal: "SIGINT" });
    expect(await report).toBeInstanceOf(TypeError);
  });

  it("loses nothing that it answered when it stops under load", async () => {
    const file = `${scratchFolder()}/keys.db`;
    const { server, api } = await serveHere({ DATABASE_URL: `sqlite:${file}` });
    for (let n = 0; n < 10; n++) await api.add(secretOf(n));
    let answered = 0;
    let handedOut = 0;
    const client = async (mine: number) => {
      for (let n = 0; ; n++) {
        const secret = secretOf((mine + n) % 10);
        const { status, body } = await (n % 2 ? api.handOut() : api.report(secret, 500, `${mine}-${n}`));
        expect(status, body.error).toBe(200);
        if (n % 2) handedOut++;
        else answered++;
      }
    };
    // Each client ends when the server no longer answers.
    const clients = Array.from({ length: 20 }, (_, n) => client(n).catch((error) => error));
    await until(
      async () => answered,
      (count) => count >= 100,
    );
    await server.stop();
    for (const error of await Promise.all(clients)) expect(error).toBeInstanceOf(TypeError);

    // A client may have been cut off from an answer that was on its way; one each at most.
    const within = (found: number, known: number) => {
      expect(found).toBeGreaterThanOrEqual(known);
      expect(found).toBeLessThanOrEqual(known + clients.length);
    };
    within(Number(ask(file, "select count(*) as n from logs where status_code = 500").n), answered);
    within(Number(ask(file, "select sum(error_count) as n from keys").n), answered);
    within(Number(ask(file, "select sum(usage_count) as n from keys").n), handedOut);
  });
});

it("a server that cannot start says why, and leaves alone the one that runs", async () => {
  const folder = scratchFolder();
  const { server, api } = await serveHere({ DATABASE_URL: `sqlite:${folder}/keys.db` });
  expect(await refusedHere({ DATABASE_URL: `sqlite:${folder}/keys.db` })).toMatch(
    /^sqlite:.*keys\.db is in use: another process has it open.*$/,
  );

  const { port } = new URL(server.url);
  expect(await refusedHere({ DATABASE_URL: `sqlite:${folder}/other.db`, PORT: port })).toBe(
    `listen EADDRINUSE: address already in use 127.0.0.1:${port}`,
  );
  expect((await api.add(secretOf(1))).status).toBe(201);
});

describe("a server that is stopped while it starts", () => {
  // Nothing listens there.
  const DATABASE_URL = "postgres://127.0.0.1:1/keys";
  const env = { DATABASE_URL, START_TIMEOUT_SECONDS: "9999" };
  const isWaiting = (line: LogLine) => String(line.msg).startsWith("waiting for database");

  it.each(isLongRun ? (["SIGTERM", "SIGINT"] as const) : (["SIGTERM"] as const))(
    "ends at once with 0 on %s",
    async (signal) => {
      const server = PoolServer.launch({ env });
      onTestFinished(async () => void (await server.kill()));
      await server.logged(isWaiting);
      expect(await server.stop(signal)).toEqual({ code: 0, signal: null });
      expect(server.log.at(-1)).toMatchObject({ msg: "stopping", signal });
    },
  );

  /** The machine's Node may be too old for the project. */
  it.runIf(hasProc)("by npm start, runs on the project's Node and ends with npm", async () => {
    const { npm, logged, output } = npmStart(env);
    const { pid } = await logged(isWaiting);
    const executable = readlinkSync(`/proc/${pid}/exe`);
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    npm.kill("SIGTERM");
    await once(npm, "close");
    expect(output()).toContain('"signal":"npm is gone"');
    expect(executable).toMatch(/node_modules.*\/bin\/node$/);
    expect(commandLine).toContain("src/bootstrap/main.ts");
  });
});

it.runIf(hasProc && isLongRun)("a server that npm start has serving stops when npm ends", async () => {
  const { npm, logged, output } = npmStart({ DATABASE_URL: `sqlite:${scratchFolder()}/keys.db` });
  await logged(({ msg }) => msg === "serving");
  npm.kill("SIGTERM");
  await once(npm, "close");
  expect(output()).toContain('"msg":"stopped"');
});

/** `npm start` as a person runs it. Its output closes when the server, which holds the other end, has ended too. */
function npmStart(env: Readonly<Record<string, string>>) {
  const outside = (process.env.PATH ?? "").split(delimiter).filter((path) => !path.includes("node_modules"));
  const npm = spawn("npm", ["start"], {
    env: { ...process.env, PATH: outside.join(delimiter), ...SERVER_ENVIRONMENT, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  let pid: unknown;
  npm.stdout.on("data", (chunk) => {
    output += chunk;
  });
  const lines = (): LogLine[] =>
    output
      .split("\n")
      .slice(0, -1)
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line));
  onTestFinished(() => {
    if (npm.stdout.closed) return;
    npm.kill("SIGKILL");
    if (typeof pid === "number") process.kill(pid, "SIGKILL");
  });
  const logged = async (matches: (line: LogLine) => boolean): Promise<LogLine> => {
    const line = await until(
      async () => lines().find(matches) ?? {},
      ({ msg }) => msg !== undefined,
    );
    pid = line.pid;
    return line;
  };
  return { npm, logged, output: () => output };
}

function withoutCounters({
  usage_count: _,
  error_count: __,
  last_used: ___,
  ...key
}: Record<string, unknown>) {
  return key;
}

function ask(file: string, sql: string) {
  const native = openNative(file, { readonly: true });
  try {
    return native.prepare(sql).all([])[0] ?? {};
  } finally {
    native.close();
  }
}
