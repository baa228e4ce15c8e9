import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AzureEmulator } from "../../../src/adapters/azure-emulator/index.ts";
import { accepted, answering, closeFrame, RawServers, SWITCHING } from "../raw-servers.ts";
import { EMULATED, type MatrixCase, same } from "./failure-matrix.ts";
import type { Order, Outcome } from "./probe-all.child.ts";

/** Where nothing but the deadline can end the probe. */
const HANGING_MS = 300;
/** Far more than an answer takes on a busy machine. */
const ANSWERING_MS = 260_000;
/** Before the deadline of a probe that should have been answered could let the child end after all. */
const CHILD_MS = 250_000;

interface RawCase extends MatrixCase {
  readonly baseUrl: string;
  readonly secret?: string;
  readonly region?: string;
}

const emulator = new AzureEmulator();
const servers = new RawServers();
let raw: readonly RawCase[] = [];
let outcomes: ReadonlyMap<string, Outcome>;
let child: { readonly code: number | null; readonly stdout: string; readonly stderr: string };

const RAW = [
  ["TCP accepted, then silent", [504, "transport"], true],
  ["TLS never answered", [504, "transport"], true],
  ["half an answer to the handshake", [504, "transport"], true],
  ["a TLS handshake that fails", [502, "transport"]],
  ["TLS spoken to a plain server", [502, "transport"]],
  ["garbage instead of HTTP", [502, "transport"]],
  ["hung up at once", [502, "transport"]],
  ["a 101 with a wrong accept key", [502, "transport"]],
  ["a frame that breaks the protocol", [502, "transport"]],
  ["a close frame, and the line kept open", [429, "service"]],
  ["a closed port", [503, "transport"]],
  ["a host that does not exist", [502, "transport"]],
  ["a key that fits no header", [400, "local"]],
  ["a region that fits no host name", [400, "local"]],
] as const;

async function rawCases(emulatorUrl: string): Promise<readonly RawCase[]> {
  const silent = await servers.serve((socket) => socket.resume());
  const half = await servers.serve(answering(() => "HTTP/1.1 101 Switching"));
  const garbage = await servers.serve(answering(() => "SSH-2.0-nonsense\r\n\r\n"));
  const hangingUp = await servers.serve((socket) => socket.destroy());
  const wrongKey = await servers.serve(answering(() => `${SWITCHING}Sec-WebSocket-Accept: nonsense\r\n\r\n`));
  const badFrame = await servers.serve(
    answering((request) => accepted(request, Buffer.from([0xff, 0xff, 1]))),
  );
  const closing = await servers.serve(
    answering((request) => accepted(request, closeFrame(1007, "Throttled due to too many requests"))),
  );
  const where: Readonly<Record<(typeof RAW)[number][0], Omit<RawCase, keyof MatrixCase>>> = {
    "TCP accepted, then silent": { baseUrl: `ws://${silent}` },
    "TLS never answered": { baseUrl: `wss://${silent}` },
    "half an answer to the handshake": { baseUrl: `ws://${half}` },
    "a TLS handshake that fails": { baseUrl: `wss://${await servers.serveBrokenTls()}` },
    "TLS spoken to a plain server": { baseUrl: emulatorUrl.replace("http", "https") },
    "garbage instead of HTTP": { baseUrl: `http://${garbage}` },
    "hung up at once": { baseUrl: `http://${hangingUp}` },
    "a 101 with a wrong accept key": { baseUrl: `http://${wrongKey}` },
    "a frame that breaks the protocol": { baseUrl: `http://${badFrame}` },
    "a close frame, and the line kept open": { baseUrl: `http://${closing}` },
    "a closed port": { baseUrl: `http://${await servers.closedPort()}` },
    "a host that does not exist": { baseUrl: "wss://nohost.invalid" },
    "a key that fits no header": { baseUrl: emulatorUrl, secret: "canary-key\r\nX: y" },
    "a region that fits no host name": { baseUrl: emulatorUrl, region: "127.0.0.1:9/x?" },
  };
  return RAW.map(([name, verdict, hangs]) => ({ ...same(name, undefined, verdict, hangs), ...where[name] }));
}

beforeAll(async () => {
  const url = await emulator.start();
  raw = await rawCases(url);
  const orders = [...EMULATED.map((emulated) => ({ ...emulated, baseUrl: url })), ...raw].map(
    (order, index): Order => {
      const { name, baseUrl, scenario, hangs } = order;
      const { secret = `canary-secret-${index}`, region = "eastasia" } = order as Partial<RawCase>;
      if (scenario) emulator.setScenario(secret, scenario);
      return { name, baseUrl, secret, region, deadlineMs: hangs ? HANGING_MS : ANSWERING_MS };
    },
  );
  child = await runChild(orders);
  const list = child.stdout === "" ? [] : (JSON.parse(child.stdout) as readonly Outcome[]);
  outcomes = new Map(list.map((outcome) => [outcome.name, outcome]));
});

afterAll(async () => {
  await emulator.close();
  await servers.close();
});

async function runChild(orders: readonly Order[]) {
  const script = fileURLToPath(new URL("probe-all.child.ts", import.meta.url));
  const process_ = spawn(process.execPath, [script], { timeout: CHILD_MS });
  let stdout = "";
  let stderr = "";
  process_.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  process_.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  process_.stdin.end(JSON.stringify(orders));
  const [code] = (await once(process_, "close")) as [number | null];
  return { code, stdout, stderr };
}

describe("speech failure matrix", () => {
  it.each(EMULATED)("$name", (expected) => check(expected));

  it.each(RAW.map(([name]) => name))("%s", (name) =>
    check(raw.find((candidate) => candidate.name === name) as RawCase),
  );

  it("leaves nothing open, so that the process ends by itself", () => {
    expect(child).toMatchObject({ code: 0, stderr: expect.not.stringMatching(/error/i) });
    expect(emulator.openConnections).toBe(0);
  });

  it("shows the key nowhere", () => {
    const seen = JSON.stringify([child.stdout, child.stderr, emulator.requests()]);
    expect(seen).not.toContain("canary-");
  });

  it("makes one connection for each probe", () => {
    for (const [index, { name, scenario }] of EMULATED.entries()) {
      const requests = emulator.requests({ key: `canary-secret-${index}` });
      expect(requests, name).toHaveLength(scenario ? 2 : 0);
    }
  });

  it("sends the key in a header", () => {
    expect(emulator.requests().length).toBeGreaterThan(0);
    for (const request of emulator.requests()) expect(request.keyIn).toContain("header");
  });
});

function check({ name, synthesis, recognition }: MatrixCase): void {
  const outcome = outcomes.get(name);
  expect(outcome, child.stderr).toMatchObject({
    synthesis: { code: synthesis[0], source: synthesis[1] },
    recognition: { code: recognition[0], source: recognition[1] },
  });
}
