import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { AzureEmulator, WORKS } from "../../src/adapters/azure-emulator/index.ts";
import { scratchFolder, serveHere } from "../bootstrap/servers.ts";
import { required } from "../servers/found.ts";
import { findPython, pythonEnvironment } from "../servers/python.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const TOKEN = "an-admin-token-for-the-examples-of-tokens";
const KEYS = { throttled: "throttled-key-of-a-test", dead: "dead-key-of-a-test", good: "good-key-of-a-test" };

const python = required(findPython());
const missing = "missing" in python ? python.missing : undefined;

/** A pool with those keys, in that order, at an Azure that knows how each of them is. */
async function openPool(names: readonly (keyof typeof KEYS)[]) {
  const azure = new AzureEmulator();
  const azureUrl = await azure.start();
  onTestFinished(() => azure.close());
  azure.setScenario(KEYS.throttled, { kind: "refuse", status: 429, retryAfterSeconds: 120 });
  azure.setScenario(KEYS.dead, { kind: "refuse", status: 401 });
  azure.setScenario(KEYS.good, WORKS);
  const { server } = await serveHere({
    DATABASE_URL: `sqlite:${scratchFolder()}/keys.db`,
    ADMIN_TOKEN: TOKEN,
  });
  const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
  for (const name of names) {
    const body = JSON.stringify({ key: KEYS[name], region: "eastasia", keyname: name });
    expect((await fetch(`${server.url}/api/keys`, { method: "POST", headers, body })).status).toBe(201);
  }
  const env = { AZURE_KEY_POOL_URL: server.url, AZURE_KEY_POOL_TOKEN: TOKEN, AZURE_SPEECH_URL: azureUrl };
  const statuses = async () => {
    const { data } = (await (await fetch(`${server.url}/api/keys`, { headers })).json()) as {
      readonly data: readonly { readonly keyname: string; readonly status: string }[];
    };
    return Object.fromEntries(data.map(({ keyname, status }) => [keyname, status]));
  };
  const report = async (key: string, code: number) => {
    const body = JSON.stringify({ key, code });
    expect((await fetch(`${server.url}/api/keys/status`, { method: "POST", headers, body })).status).toBe(
      200,
    );
  };
  return { azure, env, statuses, report };
}

async function run(file: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  const child = spawn(file, args, { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stdout.on("data", (text) => {
    out += text;
  });
  child.stderr.on("data", (text) => {
    err += text;
  });
  const [code] = await once(child, "close");
  return { code, out, err };
}

it.skipIf(missing !== undefined)(
  `the loop in Python gets all its tokens by the keys that work${missing === undefined ? "" : ` (skipped: ${missing})`}`,
  async () => {
    const { azure, env, statuses } = await openPool(["throttled", "dead", "good"]);
    const script = join(ROOT, "examples/python-issue-token/main.py");
    const args = [script, "--workers", "3", "--calls", "4"];
    const name = "server" in python ? python.server : "";
    const { code, out, err } = await run(name, args, pythonEnvironment(ROOT, env));
    expect({ code, out, err }).toEqual({
      code: 0,
      out: "worker 0: 4 tokens\nworker 1: 4 tokens\nworker 2: 4 tokens\n",
      err: "",
    });
    expect(await statuses()).toEqual({ throttled: "cooldown", dead: "disabled", good: "enabled" });
    expect(azure.requests({ kind: "token" }).filter(({ status }) => status === 200)).toHaveLength(12);
  },
);

it("curl alone gets a token, and reports a key that got none", async () => {
  const { env, statuses, report } = await openPool(["throttled", "good"]);
  const script = join(ROOT, "examples/curl/issue-token.sh");
  const { PATH, TMPDIR } = process.env;
  const issue = (more: NodeJS.ProcessEnv = {}) => run("sh", [script], { PATH, TMPDIR, ...env, ...more });
  expect(await issue()).toEqual({ code: 1, out: "", err: "The key throttled got 429: cooldown\n" });
  expect(await issue()).toMatchObject({ code: 0, out: expect.stringMatching(/^[\da-f-]{36}\n$/), err: "" });
  // Azure cannot be reached: that says nothing about the key.
  expect(await issue({ AZURE_SPEECH_URL: "http://127.0.0.1:1" })).toMatchObject({ code: 1, out: "" });
  expect(await statuses()).toEqual({ throttled: "cooldown", good: "enabled" });
  await report(KEYS.good, 429);
  expect(await issue()).toEqual({
    code: 3,
    out: "",
    err: expect.stringMatching(/^No key: All keys of this pool are cooling down; come back in \d+ s\n$/),
  });
});
