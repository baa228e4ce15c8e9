import { createKeyPool } from "azure-key-pool";
import { AzureEmulator, type Scenario } from "azure-key-pool/azure-emulator";
import { KeyPoolClient } from "azure-key-pool/client";
import { createHttpApp, listen } from "azure-key-pool/http";
import { createInMemoryPorts } from "azure-key-pool/in-memory";
import { pino } from "pino";
import { expect, it, onTestFinished } from "vitest";
import { speakAndListen } from "./speak-and-listen.ts";

const THROTTLED: Scenario = { kind: "refuse", status: 429 };
const CLOSED: Scenario = {
  kind: "close",
  code: 4429,
  reason: "The request is throttled because you have exceeded the concurrent request limit",
  when: "turn-start",
};
const WORKS: Scenario = { kind: "works", transcription: "Good morning." };

/** A pool whose keys meet these scenarios, and the emulator that plays them. */
async function open(scenarios: Readonly<Record<string, Scenario>>) {
  const azure = new AzureEmulator();
  await azure.start();
  const ports = createInMemoryPorts();
  const pool = createKeyPool(ports);
  await pool.start();
  const server = await listen(
    createHttpApp({ pool, clock: ports.clock, log: pino({ level: "silent" }), version: "1" }),
  );
  onTestFinished(async () => {
    await server.close();
    await pool.stop();
    await azure.close();
  });
  for (const [secret, scenario] of Object.entries(scenarios)) {
    azure.setScenario(secret, scenario);
    await pool.addKey.execute({ service: "speech", region: "eastasia", secret });
  }
  const keys = new KeyPoolClient({ baseUrl: `${server.url}/api` });
  return { keys, host: azure.url.replace("http", "ws") };
}

/** A second of silence. */
function silence(): Buffer {
  const [rate, length] = [16_000, 32_000];
  const header = Buffer.alloc(44);
  header.write("RIFF", 0);
  header.writeUInt32LE(36 + length, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36);
  header.writeUInt32LE(length, 40);
  return Buffer.concat([header, Buffer.alloc(length)]);
}

it("a throttled key and one whose socket is closed with 4429 rest, and the third one speaks and listens", async () => {
  const { keys, host } = await open({
    "a-throttled-key-01": THROTTLED,
    "a-throttled-key-02": CLOSED,
    "a-working-key-0003": WORKS,
  });
  const { audio, text } = await speakAndListen(keys, "Good morning.", silence(), { host });
  expect(audio.byteLength).toBeGreaterThan(0);
  expect(text).toBe("Good morning.");
  const listed = await keys.listKeys("speech");
  expect(listed.map(({ status }) => status)).toEqual(["cooldown", "cooldown", "enabled"]);
});

it("listening fails over as speaking does, and a dead key is retired", async () => {
  const once = (first: Scenario): Scenario => ({ kind: "script", steps: [WORKS, first] });
  const { keys, host } = await open({
    "a-first-key-000001": once({ kind: "refuse", status: 401 }),
    "a-second-key-00002": CLOSED,
    "a-working-key-0003": WORKS,
  });
  await keys.disableKey("speech", 2);
  await keys.disableKey("speech", 3);
  const speaking = speakAndListen(keys, "Good morning.", silence(), { host });
  await expect(speaking).rejects.toMatchObject({ name: "NoKeyError", reason: "no-key" });
  await keys.enableKey("speech", 2);
  await keys.enableKey("speech", 3);
  expect(await speakAndListen(keys, "Good morning.", silence(), { host })).toMatchObject({
    text: "Good morning.",
  });
  const listed = await keys.listKeys("speech");
  expect(listed.map(({ status }) => status)).toEqual(["disabled", "cooldown", "enabled"]);
});
