import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { run } from "../../src/bootstrap/cli/run.ts";
import { bundled } from "../servers/bundled-programs.ts";
import { argumentsOf } from "../servers/start-command.ts";
import { isLongRun } from "../situations/long-run.ts";
import { masterKeyText } from "../situations/sealing.ts";
import { WrittenTerminal } from "./cli/written-terminal.ts";
import { refusedHere, type ServerHere, scratchFolder, serveHere } from "./servers.ts";

const COMMAND = argumentsOf("token").map(bundled);
const ADMIN_TOKEN = "the-admin-token-of-the-environment";
const TOKEN = /^akp_[0-9a-f]{12}_[\w-]{49}$/;

type Environment = Readonly<Record<string, string>>;

/** `npm run token -- …` without a process of its own. */
async function token(env: Environment, ...args: readonly string[]) {
  const terminal = new WrittenTerminal();
  const code = await run(["token", ...args], { MASTER_KEY: masterKeyText(), ...env }, terminal);
  return { code, output: terminal.written.trim(), errors: terminal.beside };
}

/** The same in one. */
async function tokenInAProcess(env: Environment, ...args: readonly string[]) {
  const { PATH } = process.env;
  const child = spawn(process.execPath, [...COMMAND, ...args], {
    env: { PATH, MASTER_KEY: masterKeyText(), ...env },
    stdio: "pipe",
  });
  let [output, errors] = ["", ""];
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  const [code] = await once(child, "close");
  return { code, output: output.trim(), errors };
}

async function statusOf({ url }: ServerHere, bearer?: string): Promise<number> {
  const headers = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
  const { port } = new URL(url);
  return (await fetch(`http://127.0.0.1:${port}/api/keys/stats`, { headers })).status;
}

describe("a server without a token", () => {
  const env = () => ({ DATABASE_URL: `sqlite:${scratchFolder()}/keys.db`, HOST: "0.0.0.0" });

  it("refuses to serve others than its own machine, and says what to do", async () => {
    const why = await refusedHere(env());
    for (const advice of ["HOST is 0.0.0.0", "npm run token", "ADMIN_TOKEN", "ALLOW_OPEN=1"]) {
      expect(why).toContain(advice);
    }
  });

  it("serves them all with ALLOW_OPEN=1, and warns at each start", async () => {
    const { server } = await serveHere({ ...env(), ALLOW_OPEN: "1" });
    expect(server.log).toContainEqual(expect.objectContaining({ level: 40, host: "0.0.0.0" }));
    expect(await statusOf(server)).toBe(200);
  });

  it("lets in whoever has ADMIN_TOKEN, and logs it nowhere", async () => {
    const { server } = await serveHere({ ...env(), ADMIN_TOKEN });
    expect([await statusOf(server), await statusOf(server, ADMIN_TOKEN)]).toEqual([401, 200]);
    expect(JSON.stringify(server.log)).not.toContain(ADMIN_TOKEN);
  });
});

describe("npm run token", () => {
  it("makes a token in a database that nobody has open; a server on it is closed from the start", async () => {
    const env = { DATABASE_URL: `sqlite:${scratchFolder()}/data/keys.db`, HOST: "0.0.0.0" };
    const made = await tokenInAProcess(env, "create", "--name", "me", "--role", "admin", "--expires", "30d");
    expect([made.code, made.output]).toEqual([0, expect.stringMatching(TOKEN)]);
    const { server } = await serveHere(env);
    expect([await statusOf(server), await statusOf(server, made.output)]).toEqual([401, 200]);
  });

  it("makes, lists and revokes tokens of a server that runs, which need an admin's", async () => {
    const file = `${scratchFolder()}/keys.db`;
    const { server } = await serveHere({ DATABASE_URL: `sqlite:${file}` });
    const env = { DATABASE_URL: `sqlite:${file}`, PORT: new URL(server.url).port };
    const admin = await token(env, "create", "--name", "first", "--role", "admin");
    expect([admin.code, admin.output]).toEqual([0, expect.stringMatching(TOKEN)]);
    expect(await statusOf(server)).toBe(401);

    const refused = await token(env, "list");
    expect([refused.code, refused.output]).toEqual([4, ""]);
    expect(refused.errors).toContain("AZURE_KEY_POOL_TOKEN");
    const asAdmin = { ...env, AZURE_KEY_POOL_TOKEN: admin.output };
    const scope = ["--service", "speech", "--region", "eastasia", "--region", "westus", "--tag", "gold"];
    const viewer = await token(asAdmin, "create", "--name", "screen", "--role", "viewer", ...scope);
    expect(await statusOf(server, viewer.output)).toBe(200);
    const listed = await token(asAdmin, "list");
    expect(listed.output.split("\n")).toHaveLength(3);
    expect(listed.output).toContain(
      '{"services":["speech"],"regions":["eastasia","westus"],"tags":["gold"]}',
    );
    expect(listed.output).not.toContain(viewer.output);

    const id = viewer.output.split("_")[1] as string;
    expect((await token(asAdmin, "revoke", id)).code).toBe(0);
    expect(await statusOf(server, viewer.output)).toBe(401);
    const again = await token(asAdmin, "revoke", id);
    expect([again.code, again.errors]).toEqual([1, "Token not found\n"]);
    for (const part of [file, `${file}-wal`]) {
      expect(readFileSync(part).includes(admin.output.slice(17, 60))).toBe(false);
    }
  });

  it.runIf(isLongRun).each([
    [[], 2, "Usage: azure-key-pool token"],
    [["create", "--name", "x"], 2, "required option '--role <role>'"],
    [["create", "--nmae", "x", "--role", "client"], 2, "required option '--name <name>'"],
    [["revoke"], 2, "missing required argument 'id'"],
    [["create", "--name", "x", "--role", "root"], 1, "role: must be one of client"],
    [
      ["create", "--name", "x", "--role", "client", "--expires", "soon"],
      1,
      "expiresAt: must be in the future",
    ],
    [["create", "--name", "x", "--role", "client", "--region", "a.b"], 1, "scope.regions[0]"],
  ] as const)("%j ends with %i and says why", async (args, code, why) => {
    const answer = await token({ DATABASE_URL: "sqlite::memory:" }, ...args);
    expect([answer.code, answer.output]).toEqual([code, ""]);
    expect(answer.errors).toContain(why);
  });

  it("says so when the server that it was sent to does not answer", async () => {
    const answer = await token({ AZURE_KEY_POOL_URL: "http://127.0.0.1:1" }, "list");
    expect([answer.code, answer.output]).toEqual([3, ""]);
    expect(answer.errors).toContain("http://127.0.0.1:1 does not answer");
  });
});
