import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { AzureEmulator } from "../../../src/adapters/azure-emulator/index.ts";
import { WireTap } from "../../../src/adapters/speech-sdk/wire-tap.ts";

const KEY = "a-key-for-the-tap";
const PATH = "/tts/cognitiveservices/websocket/v1";

const emulators: AzureEmulator[] = [];

async function startEmulator(): Promise<AzureEmulator> {
  const emulator = new AzureEmulator();
  emulators.push(emulator);
  await emulator.start();
  return emulator;
}

/** A client that would follow redirects with all its headers, as the SDK's does over TLS. */
function dial(tap: WireTap, emulator: AzureEmulator): Promise<string> {
  return tap.run(async () => {
    const headers = { "Ocp-Apim-Subscription-Key": KEY };
    const socket = new WebSocket(emulator.url + PATH, { headers, followRedirects: true });
    const failed = once(socket, "error").then(([error]: Error[]) => error?.message ?? "");
    return Promise.race([failed, once(socket, "open").then(() => "open")]);
  });
}

afterEach(async () => {
  await Promise.all(emulators.splice(0).map((emulator) => emulator.close()));
});

describe("wire tap", () => {
  it("keeps a redirect from taking the key to another server", async () => {
    const [first, second] = [await startEmulator(), await startEmulator()];
    const headers = { Location: second.url + PATH };
    first.setScenario(KEY, { kind: "refuse", status: 307, headers });
    const tap = new WireTap();
    expect(await dial(tap, first)).toMatch(/307/);
    expect(tap.facts).toMatchObject({ httpStatus: 307 });
    expect(second.requests()).toEqual([]);
  });

  it("sees the status and Retry-After of a refusal", async () => {
    const emulator = await startEmulator();
    emulator.setScenario(KEY, { kind: "refuse", status: 429, retryAfterSeconds: 7 });
    const tap = new WireTap();
    await dial(tap, emulator);
    expect(tap.facts).toMatchObject({ httpStatus: 429, retryAfterSeconds: 7 });
  });

  it("sees a close frame that comes at once", async () => {
    const emulator = await startEmulator();
    emulator.setScenario(KEY, { kind: "close", code: 4429, reason: "busy", when: "accepted" });
    const tap = new WireTap();
    expect(await dial(tap, emulator)).toBe("open");
    await tap.hungUp;
    expect(tap.facts).toEqual({ httpStatus: 101, close: { code: 4429, reason: "busy" } });
  });

  it("lets one connection through and no other", async () => {
    const emulator = await startEmulator();
    emulator.setScenario(KEY, { kind: "silent" });
    const tap = new WireTap();
    expect(await dial(tap, emulator)).toBe("open");
    expect(await dial(tap, emulator)).toMatch(/one connection/);
    tap.cut();
    await tap.hungUp;
    expect(emulator.requests()).toHaveLength(1);
  });

  it("lets nothing through once it is cut", async () => {
    const emulator = await startEmulator();
    const tap = new WireTap();
    tap.cut();
    expect(await dial(tap, emulator)).toMatch(/one connection/);
    expect(emulator.requests()).toEqual([]);
  });

  it("minds nobody else's requests", async () => {
    const emulator = await startEmulator();
    const tap = new WireTap();
    await dial(new WireTap(), emulator);
    expect(tap.facts).toEqual({});
  });
});
