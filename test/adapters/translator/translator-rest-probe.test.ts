import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AzureEmulator, type Scenario } from "../../../src/adapters/azure-emulator/index.ts";
import { TranslatorRestProbe } from "../../../src/adapters/translator/index.ts";
import { NOT_A_TRANSLATOR_KEY, QUOTA_SPENT } from "../../../src/domain/index.ts";
import { answering, RawServers } from "../raw-servers.ts";

/** Far more than an answer takes on a busy machine. */
const DEADLINE_MS = 100_000;
/** Where nothing but the deadline can end the probe. */
const HANGING_MS = 200;
const ASKED = { text: "Hello.", to: "de" };

const emulator = new AzureEmulator();
const servers = new RawServers();
let probe: TranslatorRestProbe;

beforeAll(async () => {
  probe = new TranslatorRestProbe({ baseUrl: await emulator.start() });
});

afterAll(async () => {
  await emulator.close();
  await servers.close();
});

function refusal(code: number | string): Scenario {
  const status = Number(String(code).slice(0, 3));
  return { kind: "refuse", status, body: { error: { code, message: "refused" } } };
}

function target(secret: string, region = "eastasia") {
  return { secret, region };
}

async function probeAt(baseUrl: string, deadlineMs = DEADLINE_MS) {
  const outcome = await new TranslatorRestProbe({ baseUrl }).translate(
    target("raw-key-1"),
    ASKED,
    deadlineMs,
  );
  expect(outcome).toMatchObject({ translation: null });
  return outcome.verdict;
}

describe("translation probe", () => {
  it("translates with a working key", async () => {
    emulator.setScenario("key-that-works", { kind: "works" });
    const outcome = await probe.translate(target("key-that-works"), { ...ASKED, from: "en" }, DEADLINE_MS);
    expect(outcome).toEqual({
      verdict: { code: 200, source: "service", reason: "the key works" },
      translation: "[de] Hello.",
      rawResponse: [{ translations: [{ text: "[de] Hello.", to: "de" }] }],
    });
  });

  it("sends the key and the region in headers, and no region for global", async () => {
    emulator.setScenario("key-of-a-region", { kind: "works" });
    await probe.translate(target("key-of-a-region", "westeurope"), ASKED, DEADLINE_MS);
    await probe.translate(target("key-of-a-region", "global"), ASKED, DEADLINE_MS);
    const seen = emulator.requests({ key: "key-of-a-region" });
    expect(seen.map(({ region, keyIn }) => ({ region, keyIn }))).toEqual([
      { region: "westeurope", keyIn: ["header"] },
      { region: null, keyIn: ["header"] },
    ]);
  });

  it.each([
    [refusal(401000), 401, "service"],
    [refusal(401015), 401, "service"],
    [refusal("401000"), 401, "service"],
    [refusal(403000), 403, "service"],
    [refusal(403001), 403, "service"],
    [refusal("403001"), 403, "service"],
    [refusal(404000), 404, "service"],
    [refusal(408001), 408, "service"],
    [refusal(429000), 429, "service"],
    [refusal(429001), 429, "service"],
    [refusal("429002"), 429, "service"],
    [refusal(500000), 500, "service"],
    [refusal(503000), 503, "service"],
    [{ kind: "refuse", status: 400 }, 400, "service"],
    [{ kind: "refuse", status: 403, body: "<html>" }, 403, "service"],
    [{ kind: "refuse", status: 429, body: null }, 429, "service"],
    [{ kind: "refuse", status: 204 }, 502, "transport"],
    [{ kind: "refuse", status: 200, body: {} }, 502, "transport"],
    [{ kind: "refuse", status: 200, body: [{ translations: [] }] }, 502, "transport"],
    [{ kind: "drop", when: "handshake" }, 502, "transport"],
    [{ kind: "works", delayMs: 30 }, 200, "service"],
  ] as const)("%j is %i", async (scenario: Scenario, code, source) => {
    emulator.setScenario("key-of-a-table", scenario);
    const outcome = await probe.translate(target("key-of-a-table"), ASKED, DEADLINE_MS);
    expect(outcome.verdict).toMatchObject({ code, source });
    expect(outcome.translation === null).toBe(code !== 200);
  });

  it("distinguishes a spent quota and a Speech key from other refusals", async () => {
    const reasonOf = async (code: number | string) => {
      emulator.setScenario("key-with-a-reason", refusal(code));
      return (await probe.translate(target("key-with-a-reason"), ASKED, DEADLINE_MS)).verdict.reason;
    };
    expect(await reasonOf(403001)).toBe(QUOTA_SPENT);
    expect(await reasonOf("403001")).toBe(QUOTA_SPENT);
    expect(await reasonOf(401015)).toBe(NOT_A_TRANSLATOR_KEY);
    expect(await reasonOf(403000)).not.toBe(QUOTA_SPENT);
  });

  it("keeps Azure's answer and the wait it asks for", async () => {
    const body = { error: { code: 429001, message: "slow down" } };
    emulator.setScenario("key-throttled", { kind: "refuse", status: 429, retryAfterSeconds: 9, body });
    const outcome = await probe.translate(target("key-throttled"), ASKED, DEADLINE_MS);
    expect(outcome).toMatchObject({ verdict: { code: 429, retryAfterSeconds: 9 }, rawResponse: body });
  });

  it("masks the key when the answer repeats it", async () => {
    const body = { error: { code: 401000, message: "no such key: key-that-echoes" } };
    emulator.setScenario("key-that-echoes", { kind: "refuse", status: 401, body });
    const outcome = await probe.translate(target("key-that-echoes"), ASKED, DEADLINE_MS);
    expect(JSON.stringify(outcome)).not.toContain("key-that-echoes");
  });

  it("follows no redirect", async () => {
    const otherHost = new AzureEmulator();
    const Location = `${await otherHost.start()}/translate?api-version=3.0&to=de`;
    emulator.setScenario("key-sent-away", { kind: "refuse", status: 307, headers: { Location } });
    const { verdict } = await probe.translate(target("key-sent-away"), ASKED, DEADLINE_MS);
    expect(verdict).toMatchObject({ code: 502, source: "transport" });
    expect(otherHost.requests()).toEqual([]);
    await otherHost.close();
  });

  it("waits no longer than its deadline", async () => {
    emulator.setScenario("key-unanswered", { kind: "unanswered" });
    const { verdict } = await probe.translate(target("key-unanswered"), ASKED, HANGING_MS);
    expect(verdict).toMatchObject({ code: 504, source: "transport" });
  });

  it.concurrent.each([
    ["silence", "", 504],
    ["half a status line", "HTTP/1.1 2", 504],
    ["a body that never ends", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[", 504],
  ])("gives up on %s at its deadline", async (_name, bytes, code) => {
    const host = await servers.serve(answering(() => bytes));
    expect(await probeAt(`http://${host}`, HANGING_MS)).toMatchObject({ code });
  });

  it.concurrent.each([
    ["garbage", "SSH-2.0-nonsense\r\n\r\n", 502],
    ["a body that is no JSON", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 502],
  ])("bears %s", async (_name, bytes, code) => {
    const host = await servers.serve(answering(() => bytes));
    expect(await probeAt(`http://${host}`)).toMatchObject({ code });
  });

  it("takes the status of a refusal whose body never ends", async () => {
    const bytes = "HTTP/1.1 401 No\r\nContent-Length: 100\r\n\r\n{";
    const host = await servers.serve(answering(() => bytes));
    // On a busy machine the status may come after a short deadline; each try is given more.
    let code = 504;
    for (let deadlineMs = HANGING_MS; code === 504 && deadlineMs < DEADLINE_MS; deadlineMs *= 2) {
      ({ code } = await probeAt(`http://${host}`, deadlineMs));
    }
    expect(code).toBe(401);
  });

  it("reads no more of an answer than it allows", async () => {
    let sent = 0;
    const host = await servers.serve((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n");
      const more = () => {
        while (!socket.destroyed && socket.write("[".repeat(16_384))) sent += 16_384;
      };
      socket.on("drain", more);
      socket.resume();
      more();
    });
    expect(await probeAt(`http://${host}`)).toMatchObject({ code: 502, source: "transport" });
    expect(sent).toBeLessThan(16 * 1024 * 1024);
  });

  it("distinguishes a closed port, an unknown host and broken TLS from a dead key", async () => {
    const closed = await probeAt(`http://${await servers.closedPort()}`);
    expect(closed).toMatchObject({ code: 503, source: "transport" });
    const nowhere = await probeAt("https://nohost.invalid");
    expect(nowhere).toMatchObject({ code: 502, source: "transport" });
    const untrusted = await probeAt(`https://${await servers.serveBrokenTls()}`);
    expect(untrusted).toMatchObject({ code: 502, source: "transport" });
  });

  it("asks nobody about a key or a region that cannot be sent", async () => {
    const before = emulator.requests().length;
    const key = await probe.translate(target("bad\r\nkey: x"), ASKED, DEADLINE_MS);
    const region = await probe.translate(target("some-good-key", "127.0.0.1:9/x?"), ASKED, DEADLINE_MS);
    expect(key.verdict).toMatchObject({ code: 400, source: "local" });
    expect(region.verdict).toMatchObject({ code: 400, source: "local" });
    expect(emulator.requests()).toHaveLength(before);
  });
});
