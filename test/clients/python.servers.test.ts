import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { AzureEmulator, type Scenario, WORKS } from "../../src/adapters/azure-emulator/index.ts";
import { scratchFolder, serveHere } from "../bootstrap/servers.ts";
import { freePort, required } from "../servers/found.ts";
import { PoolServer } from "../servers/pool-server.ts";
import { findPython, pythonEnvironment } from "../servers/python.ts";
import { TcpLink } from "../servers/tcp-link.ts";
import { isLongRun } from "../situations/long-run.ts";
import { type Controls, serveControls } from "./control.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const CLIENT = join(ROOT, "clients/python");
const TOKEN = "an-admin-token-for-the-client-in-python";

const python = required(findPython());
const missing = "missing" in python ? python.missing : undefined;

it.skipIf(missing !== undefined)(
  `the client in Python does what its own tests say${missing === undefined ? "" : ` (skipped: ${missing})`}`,
  async () => {
    const azure = new AzureEmulator();
    const azureUrl = await azure.start();
    onTestFinished(() => azure.close());
    azure.setDefaultScenario(WORKS);
    const settings = {
      DATABASE_URL: `sqlite:${scratchFolder()}/keys.db`,
      ADMIN_TOKEN: TOKEN,
      AZURE_SPEECH_URL: azureUrl,
      AZURE_TRANSLATOR_URL: azureUrl,
    };
    const { url, controls } = await (isLongRun ? serveBeside(settings) : serveCuttable(settings));
    const control = await serveControls(
      {
        ...controls,
        azure: (body) => {
          const { key, scenario } = body as { readonly key: string; readonly scenario: Scenario };
          azure.setScenario(key, scenario);
        },
      },
      onTestFinished,
    );
    const env = {
      POOL_URL: url,
      POOL_TOKEN: TOKEN,
      POOL_CONTROL: control,
      AZURE_URL: azureUrl,
      ...(isLongRun && { POOL_LONG: "1" }),
    };
    const { code, output } = await runTests(env);
    expect(code, output).toBe(0);
    expect(output).toMatch(new RegExp(`^Ran ${countTests()} tests in [^\\n]+\\n\\nOK$`, "m"));
  },
);

interface Served {
  /** The API's, through a link whose connections are counted. */
  readonly url: string;
  readonly controls: Controls;
}

/** A server in this process; it is away for as long as the link is cut. */
async function serveCuttable(env: Readonly<Record<string, string>>): Promise<Served> {
  const { server } = await serveHere(env);
  const link = await TcpLink.to(server.url);
  onTestFinished(() => link.close());
  return {
    url: `${link.url}api`,
    controls: { away: () => link.cut(), back: () => link.mend(), asked: () => link.asked },
  };
}

/** A server in a process of its own, which is killed to be away, and comes back at the same address. */
async function serveBeside(env: Readonly<Record<string, string>>): Promise<Served> {
  const options = { env: { ...env, PORT: String(await freePort()) } };
  let server = await PoolServer.start(options);
  onTestFinished(async () => {
    await server.kill();
  });
  const link = await TcpLink.to(server.url);
  onTestFinished(() => link.close());
  const back = async () => {
    server = await PoolServer.start(options);
  };
  return {
    url: `${link.url}api`,
    controls: { away: () => server.kill().then(() => undefined), back, asked: () => link.asked },
  };
}

async function runTests(env: Readonly<Record<string, string>>) {
  const name = "server" in python ? python.server : "";
  const args = ["-m", "unittest", "discover", "-t", ".", "-s", "tests"];
  const child = spawn(name, args, { cwd: CLIENT, env: pythonEnvironment(ROOT, env), stdio: "pipe" });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let output = "";
  for (const side of [child.stdout, child.stderr]) {
    side.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const [code] = await once(child, "close");
  return { code, output };
}

/** Those of a suite that is run for both clients count twice. */
function countTests(): number {
  const files = globSync("tests/test_*.py", { cwd: CLIENT }).map((file) =>
    readFileSync(join(CLIENT, file), "utf8"),
  );
  return files
    .flatMap((text) => text.split(/^class /m).slice(1))
    .reduce((sum, suite) => {
      const tests = suite.match(/^ {4}def test_/gm)?.length ?? 0;
      return sum + tests * (/^\w+\((BothClients|WithServer)\)/.test(suite) ? 2 : 1);
    }, 0);
}
