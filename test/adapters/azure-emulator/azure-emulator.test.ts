import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { AzureEmulator, F0, S0, type Scenario } from "../../../src/adapters/azure-emulator/index.ts";

const KEY = "emulated-key-1";
const TTS = "/tts/cognitiveservices/websocket/v1";
const STT = "/stt/speech/universal/v2";

let now = 1_000_000;
let emulator: AzureEmulator;
const sockets: WebSocket[] = [];

beforeEach(async () => {
  emulator = new AzureEmulator({ clock: { now: () => now } });
  await emulator.start();
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await emulator.close();
});

/** Opens a WebSocket and answers 101, or the status it was refused with; the socket stays open. */
async function dial(path: string, key = KEY): Promise<number> {
  const socket = new WebSocket(emulator.url + path, { headers: { "Ocp-Apim-Subscription-Key": key } });
  sockets.push(socket);
  socket.on("error", () => {});
  const refused = once(socket, "unexpected-response").then(([, response]) => response.statusCode as number);
  return Promise.race([refused, once(socket, "open").then(() => 101)]);
}

function post(path: string, init: RequestInit = {}, key = KEY): Promise<Response> {
  const headers = { "Ocp-Apim-Subscription-Key": key, ...(init.headers as Record<string, string>) };
  return fetch(emulator.url + path, { method: "POST", ...init, headers });
}

function translate(text: string): Promise<Response> {
  return post("/translate?api-version=3.0&to=de&to=fr", { body: JSON.stringify([{ Text: text }]) });
}

describe("azure emulator", () => {
  it("refuses a key that nobody set, and a request without one", async () => {
    expect(await dial(TTS)).toBe(401);
    expect((await translate("Hello.")).status).toBe(401);
    expect((await fetch(`${emulator.url}/sts/v1.0/issueToken`, { method: "POST" })).status).toBe(401);
  });

  it("gives unknown keys the default scenario, each its own run", async () => {
    emulator.setDefaultScenario({ kind: "quota", synthesesPerMinute: 1 });
    expect([await dial(TTS, "one-key-12"), await dial(TTS, "one-key-12")]).toEqual([101, 429]);
    expect(await dial(TTS, "other-key-12")).toBe(101);
  });

  it.each([
    STT,
    "/speech/universal/v2",
    "/speech/recognition/interactive/cognitiveservices/v1",
    "/speech/recognition/conversation/cognitiveservices/v1",
    "/speech/recognition/dictation/cognitiveservices/v1",
    TTS,
    "/cognitiveservices/websocket/v1",
  ])("accepts a WebSocket at %s", async (path) => {
    emulator.setScenario(KEY, { kind: "works" });
    expect(await dial(`${path}?language=en-US`)).toBe(101);
  });

  it("knows no other places", async () => {
    emulator.setScenario(KEY, { kind: "works" });
    expect(await dial("/speech/nowhere")).toBe(404);
    expect((await post("//")).status).toBe(404);
    expect(emulator.requests().map(({ kind }) => kind)).toEqual(["unknown", "unknown"]);
  });

  it("issues a token that works instead of the key", async () => {
    emulator.setScenario(KEY, { kind: "works" });
    const token = await (await post("/sts/v1.0/issueToken")).text();
    const headers = { Authorization: `Bearer ${token}` };
    const voices = await fetch(`${emulator.url}/cognitiveservices/voices/list`, { headers });
    expect(await voices.json()).toEqual(
      expect.arrayContaining([expect.objectContaining({ Locale: "en-US" })]),
    );
    const wrong = { Authorization: "Bearer made-up" };
    expect((await fetch(`${emulator.url}/cognitiveservices/voices/list`, { headers: wrong })).status).toBe(
      401,
    );
  });

  it("speaks, listens and translates over REST", async () => {
    emulator.setScenario(KEY, { kind: "works", transcription: "Good day!", audioBytes: 77 });
    const audio = await post("/cognitiveservices/v1", { body: "<speak/>" });
    expect((await audio.arrayBuffer()).byteLength).toBe(77);
    const path = "/speech/recognition/conversation/cognitiveservices/v1";
    expect((await post(path, { body: "RIFF" })).status).toBe(400);
    const heard = await post(`${path}?language=en-US&format=detailed`, { body: "RIFF" });
    expect(await heard.json()).toMatchObject({ RecognitionStatus: "Success", DisplayText: "Good day!" });
    const translations = [
      { text: "[de] Hello.", to: "de" },
      { text: "[fr] Hello.", to: "fr" },
    ];
    expect(await (await translate("Hello.")).json()).toMatchObject([{ translations }]);
  });

  it("says what is wrong with a translation", async () => {
    emulator.setScenario(KEY, { kind: "works" });
    for (const [path, body] of [
      ["/translate?to=de", "[]"],
      ["/translate?api-version=3.0", "[]"],
      ["/translate?api-version=3.0&to=de", "{}"],
      ["/translate?api-version=3.0&to=de", "nonsense"],
      ["/translate?api-version=3.0&to=de", "[null]"],
    ] as const) {
      const response = await post(path, { body });
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({
        error: { code: expect.any(Number), message: expect.any(String) },
      });
    }
  });

  it("refuses with the status, the headers and the body that were asked for", async () => {
    const body = { error: { code: 401015, message: "a Speech key" } };
    const headers = { "X-Extra": "yes" };
    emulator.setScenario(KEY, { kind: "refuse", status: 401, retryAfterSeconds: 5, headers, body });
    const response = await translate("Hello.");
    expect([response.status, response.headers.get("retry-after"), response.headers.get("x-extra")]).toEqual([
      401,
      "5",
      "yes",
    ]);
    expect(await response.json()).toEqual(body);
  });

  it("may treat one kind of request differently", async () => {
    emulator.setScenario(KEY, { kind: "works" });
    emulator.setScenario(KEY, { kind: "refuse", status: 403 }, "synthesis");
    expect(await dial(TTS)).toBe(403);
    expect(await dial(STT)).toBe(101);
    expect((await translate("Hello.")).status).toBe(200);
  });

  it("plays a script step by step and stays with the last", async () => {
    const refuse = (status: number): Scenario => ({ kind: "refuse", status });
    emulator.setScenario(KEY, { kind: "script", steps: [refuse(429), refuse(503), { kind: "works" }] });
    const statuses = [await dial(TTS), await dial(STT), await dial(TTS), await dial(TTS)];
    expect(statuses).toEqual([429, 503, 101, 101]);
  });

  it("lets a free key speak 20 times a minute", async () => {
    emulator.setScenario(KEY, F0);
    for (let i = 0; i < 20; i++) expect(await dial(TTS)).toBe(101);
    expect(await dial(TTS)).toBe(429);
    now += 59_999;
    expect(await dial(TTS)).toBe(429);
    now += 1;
    expect(await dial(TTS)).toBe(101);
  });

  it("lets a free key listen once at a time", async () => {
    emulator.setScenario(KEY, F0);
    expect(await dial(STT)).toBe(101);
    expect(await dial(STT)).toBe(429);
    sockets[0]?.terminate();
    await expect.poll(() => emulator.requests().filter(({ open }) => open)).toEqual([]);
    expect(await dial(STT)).toBe(101);
  });

  it("lets a standard key listen 100 times at a time and speak 200 times a second", async () => {
    emulator.setScenario(KEY, S0);
    const listening = await Promise.all(Array.from({ length: 101 }, () => dial(STT)));
    expect(listening.filter((status) => status === 101)).toHaveLength(100);
    const speak = () => post("/cognitiveservices/v1", { body: "<speak/>" }).then(({ status }) => status);
    const spoken = await Promise.all(Array.from({ length: 201 }, speak));
    expect(spoken.filter((status) => status === 429)).toHaveLength(1);
    now += 1000;
    expect(await speak()).toBe(200);
  });

  it("counts the characters to translate, and may say when to come back", async () => {
    emulator.setScenario(KEY, { kind: "quota", charactersPerMinute: 10, retryAfter: true });
    expect((await translate("0123456")).status).toBe(200);
    now += 20_000;
    expect((await translate("012")).status).toBe(200);
    const refused = await translate("0");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "40"]);
    expect(await refused.json()).toMatchObject({ error: { code: 429000 } });
    now += 40_000;
    expect((await translate("0123456")).status).toBe(200);
  });

  it("notices that the client of an unanswered request has left", async () => {
    for (const kind of ["unanswered", "silent"] as const) {
      emulator.setScenario(KEY, { kind });
      const socket = new WebSocket(emulator.url + TTS, { headers: { "Ocp-Apim-Subscription-Key": KEY } });
      socket.on("error", () => {});
      await expect.poll(() => emulator.openConnections).toBe(1);
      await expect
        .poll(() => emulator.requests({ key: KEY }).at(-1)?.status)
        .toBe(kind === "silent" ? 101 : null);
      socket.terminate();
      await expect.poll(() => emulator.openConnections).toBe(0);
    }
    expect(emulator.requests().every(({ open }) => !open)).toBe(true);
  });

  it("closes as its scenario says", async () => {
    emulator.setScenario(KEY, { kind: "close", code: 4429, reason: "busy", when: "accepted" });
    const socket = new WebSocket(emulator.url + STT, { headers: { "Ocp-Apim-Subscription-Key": KEY } });
    const [code, reason] = await once(socket, "close");
    expect([code, String(reason)]).toEqual([4429, "busy"]);
  });

  it("hangs up on what is no speech message", async () => {
    emulator.setScenario(KEY, { kind: "works" });
    await dial(TTS);
    sockets[0]?.send("nonsense");
    expect((await once(sockets[0] as WebSocket, "close"))[0]).toBe(1002);
  });

  it("remembers what it saw, and shows no key", async () => {
    emulator.setScenario(KEY, { kind: "works" });
    await dial(`${STT}?Ocp-Apim-Subscription-Key=${KEY}`);
    await fetch(`${emulator.url}/translate?ocp-apim-subscription-key=${KEY}&x=?`, {
      method: "POST",
      headers: { "Ocp-Apim-Subscription-Region": "westus" },
    });
    expect(emulator.requests({ key: KEY })).toEqual([
      expect.objectContaining({ kind: "recognition", keyIn: ["header", "query"], status: 101, region: null }),
      expect.objectContaining({ kind: "translation", keyIn: ["query"], status: 400, region: "westus" }),
    ]);
    expect(emulator.requests({ kind: "translation" })).toHaveLength(1);
    expect(emulator.requests({ key: "emul***" })).toEqual([]);
    expect(JSON.stringify(emulator.requests())).not.toContain(KEY);
    emulator.clearRequests();
    expect(emulator.requests()).toEqual([]);
  });

  it("forgets the oldest beyond its limit", async () => {
    const small = new AzureEmulator({ logLimit: 2 });
    const url = await small.start();
    for (const path of ["/a", "/b", "/c"]) await fetch(url + path);
    expect(small.requests().map(({ path }) => path)).toEqual(["/b", "/c"]);
    await small.close();
  });

  it("refuses a body that is too large", async () => {
    emulator.setScenario(KEY, { kind: "works" });
    expect((await post("/cognitiveservices/v1", { body: "x".repeat(1024 * 1024 + 1) })).status).toBe(413);
  });

  it.each([
    { kind: "script", steps: [] },
    { kind: "script", steps: [{ kind: "close", code: 1006, when: "audio" }] },
    { kind: "close", code: 999, when: "audio" },
    { kind: "close", code: 4000, reason: "x".repeat(124), when: "audio" },
    { kind: "refuse", status: 101 },
  ] as const)("takes no scenario that cannot be played: %j", (scenario: Scenario) => {
    expect(() => emulator.setScenario(KEY, scenario)).toThrow(RangeError);
    expect(() => emulator.setDefaultScenario(scenario)).toThrow(RangeError);
  });

  it("ends everything when it closes", async () => {
    emulator.setScenario(KEY, { kind: "silent" });
    await dial(TTS);
    emulator.setScenario(KEY, { kind: "works", delayMs: 600_000 });
    const slow = translate("Hello.").catch(() => "ended");
    await expect.poll(() => emulator.openConnections).toBe(2);
    await emulator.close();
    expect(await slow).toBe("ended");
    expect(emulator.openConnections).toBe(0);
    expect(() => emulator.url).toThrow(/not been started/);
  });

  it("rejects when the port is taken", async () => {
    await expect(new AzureEmulator().start(Number(new URL(emulator.url).port))).rejects.toThrow(/EADDRINUSE/);
  });
});
