import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { REJECTED, type Scenario, WORKS } from "../../../../src/adapters/azure-emulator/index.ts";
import type { Audit, KeyRepository } from "../../../../src/domain/index.ts";
import { type Breakable, breakable } from "../../../../src/testing/breakable.ts";
import { type Azure, openAzure, probesOf } from "../../../situations/azure.ts";
import { RawServers } from "../../raw-servers.ts";
import { type Api, type Json, openApi } from "../open-api.ts";

const TESTS = [
  { kind: "TTS", path: "/keys/test", base: "/keys", region: "eastasia" },
  { kind: "STT", path: "/keys/test2", base: "/keys", region: "eastasia" },
  { kind: "Translation", path: "/translation/keys/test", base: "/translation/keys", region: "global" },
] as const;

const UPDATED = "Status updated successfully";

let azure: Azure;
let api: Api;

beforeAll(async () => {
  azure = await openAzure();
});
afterAll(() => azure.emulator.close());
beforeEach(async () => {
  api = await openApi((ports) => ({ ...ports, ...azure.probes }));
});
afterEach(() => api.close());

const refusal = (status: number): Scenario => ({ kind: "refuse", status });

async function registered(base: string, region: string, scenario: Scenario): Promise<string> {
  const key = azure.secretFor(scenario);
  const { status } = await api.post(base, { key, region, keyname: "Tested" });
  expect(status).toBe(201);
  return key;
}

const statusIn = async (base: string): Promise<string> => (await api.get(base)).json.data[0].status;

async function loggedIn(base: string): Promise<readonly Json[]> {
  const { json } = await api.get(`${base}/logs`);
  return json.data.logs.filter(({ action }: Json) => action !== "add_key" && action !== "update_config");
}

const set = (name: string, value: string | number) =>
  api.post("/config", { config_key: name, config_value: value });

describe("a key of the pool", () => {
  it.each([
    ["/keys", "eastasia"],
    ["/translation/keys", "global"],
  ])("is tested by its id: %s", async (base, region) => {
    await registered(base, region, REJECTED);
    const { status, json } = await api.post(`${base}/1/test`);
    expect([status, json.success, json.code]).toEqual([200, false, "key_rejected"]);
    expect(json.data).toMatchObject({ statusCode: 401, statusUpdate: { action: "disable" } });
    expect(await statusIn(base)).toBe("disabled");
    expect((await api.post(`${base}/9/test`)).json.code).toBe("key_not_found");
  });
});

describe("a working key", () => {
  it("speaks: /keys/test answers as the reference says", async () => {
    const key = await registered("/keys", "eastasia", { kind: "works", audioBytes: 1024 });
    const { status, json } = await api.post("/keys/test", { key, region: "eastasia" });
    expect(status).toBe(200);
    expect(json).toEqual({
      success: true,
      data: {
        statusCode: 200,
        audioSize: 1024,
        statusUpdate: { action: "keep_enabled", statusChanged: false, message: UPDATED },
      },
      message: "Key test successful",
    });
  });

  it("hears: /keys/test2 answers as the reference says", async () => {
    const key = await registered("/keys", "eastasia", { kind: "works", transcription: "Good day." });
    const { status, json } = await api.post("/keys/test2", { key, region: "eastasia" });
    expect(status).toBe(200);
    expect(json).toEqual({
      success: true,
      data: {
        statusCode: 200,
        transcription: "Good day.",
        recognitionStatus: "Success",
        rawResponse: expect.objectContaining({ RecognitionStatus: "Success", DisplayText: "Good day." }),
        statusUpdate: { action: "keep_enabled", statusChanged: false, message: UPDATED },
      },
      message: "Key test successful",
    });
  });

  it("translates the text it is given", async () => {
    const key = await registered("/translation/keys", "global", WORKS);
    const question = { key, region: "global", text: "Good day.", from: "en", to: "zh-Hans" };
    const { status, json } = await api.post("/translation/keys/test", question);
    expect(status).toBe(200);
    expect(json).toEqual({
      success: true,
      data: {
        statusCode: 200,
        translation: "[zh-Hans] Good day.",
        rawResponse: [{ translations: [{ text: "[zh-Hans] Good day.", to: "zh-Hans" }] }],
        statusUpdate: { action: "keep_enabled", statusChanged: false, message: UPDATED },
      },
      message: "Key test successful",
    });
  });

  it("heard nothing and works all the same", async () => {
    const key = await registered("/keys", "eastasia", { kind: "phrase", status: "NoMatch" });
    const { json } = await api.post("/keys/test2", { key });
    expect(json).toMatchObject({ success: true, data: { transcription: "", recognitionStatus: "NoMatch" } });
  });
});

describe.each(TESTS)("$path", ({ kind, path, base, region }) => {
  it.each([
    [401, "disable", "disabled", "disable_key"],
    [403, "disable", "disabled", "disable_key"],
    [404, "disable", "disabled", "disable_key"],
    [429, "cooldown", "cooldown", "cooldown_start"],
  ])("takes %i for a report: %s", async (code, action, status, logged) => {
    const key = await registered(base, region, refusal(code));
    const answer = await api.post(path, { key, region });
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({
      success: false,
      code: "key_rejected",
      error: expect.stringContaining(`${code}`),
      data: { statusCode: code, statusUpdate: { action, statusChanged: true, message: UPDATED } },
    });
    expect(await statusIn(base)).toBe(status);
    const rows = await loggedIn(base);
    expect(rows.map((row) => row.action).toSorted()).toEqual([logged, "test"].toSorted());
    for (const row of rows) {
      expect(row).toMatchObject({ key_id: 1, status_code: code, keyname: "Tested", region });
      expect(row.note).toMatch(new RegExp(`^${kind} ${code} in \\d+ ms: the service `));
    }
    await api.pool.jobs.run("write usage");
    expect((await api.get(base)).json.data[0].error_count).toBe(1);
  });

  it("takes 400, 500 and 503 of the service for a fault that changes no key", async () => {
    const codes = [400, 500, 503];
    const key = await registered(base, region, WORKS);
    for (const code of codes) {
      azure.emulator.setScenario(key, refusal(code));
      const { status, json } = await api.post(path, { key, region });
      expect([status, json.code]).toEqual([200, "key_rejected"]);
      expect(json.data).toMatchObject({
        statusCode: code,
        statusUpdate: { action: "log", statusChanged: false },
      });
      expect(await statusIn(base)).toBe("enabled");
    }
    expect((await loggedIn(base)).map(({ action }) => action)).toEqual(codes.map(() => "test"));
  });

  it("skips what the key's phase ignores, and says so", async () => {
    const key = await registered(base, region, refusal(429));
    await api.post(path, { key, region });
    const { json } = await api.post(path, { key, region });
    expect(json.data.statusUpdate).toEqual({
      action: "skip",
      reason: "cooling",
      statusChanged: false,
      message: UPDATED,
    });
    const actions = (await loggedIn(base)).map(({ action }) => action);
    expect(actions.toSorted()).toEqual(["cooldown_start", "test", "test"]);
  });

  it("touches no key that is registered in another region", async () => {
    const key = await registered(base, "westus", REJECTED);
    const { status, json } = await api.post(path, { key, region });
    expect(status).toBe(200);
    expect(json).toMatchObject({ success: false, code: "key_rejected" });
    expect(json.data).toMatchObject({ statusUpdate: null, warning: expect.stringMatching(/another region/) });
    expect(await statusIn(base)).toBe("enabled");
    expect(await loggedIn(base)).toMatchObject([{ action: "test", key_id: 1, region, status_code: 401 }]);
  });

  it("tests a key that is not registered, and logs no key", async () => {
    const key = azure.secretFor(WORKS);
    const { status, json } = await api.post(path, { key, region: region.toUpperCase() });
    expect(status).toBe(200);
    expect(json.success).toBe(true);
    expect(json.data).toMatchObject({
      statusCode: 200,
      statusUpdate: null,
      warning: expect.stringMatching(/not in the pool/),
    });
    expect(await loggedIn(base)).toMatchObject([
      { action: "test", key_id: null, keyname: null, region, status_code: 200 },
    ]);
  });

  it("asks about a key in the region of the hand-outs when none is named", async () => {
    const key = await registered(base, region, WORKS);
    expect((await api.post(path, { key })).json.data.statusUpdate).toMatchObject({ action: "keep_enabled" });
  });

  it("refuses what is no question by the field, and asks nobody", async () => {
    azure.emulator.clearRequests();
    for (const [body, field] of [
      [{}, "key"],
      [{ key: "short" }, "key"],
      [{ key: "some-secret", region: "127.0.0.1:9/x?" }, "region"],
      [{ key: "some-secret", region: 5 }, "region"],
      [{ key: "some-secret", text: "" }, "text"],
      [{ key: "some-secret", text: " " }, "text"],
      [{ key: "some-secret", text: "x".repeat(201) }, "text"],
      [{ key: "some-secret", text: "a\u0000b" }, "text"],
      [{ key: "some-secret", from: "en_US" }, "from"],
      [{ key: "some-secret", to: "../x" }, "to"],
      [{ key: "some-secret", to: 1 }, "to"],
    ] as const) {
      const { status, json } = await api.post(path, body);
      expect([body, status, json.code]).toEqual([body, 400, "invalid_request"]);
      expect(json.details, JSON.stringify(body)).toMatchObject([{ field }]);
    }
    expect(azure.emulator.requests()).toEqual([]);
    expect(await loggedIn(base)).toEqual([]);
  });

  it("answers 405 to other methods", async () => {
    const { status, headers } = await api.get(path);
    expect([status, headers.get("allow")]).toEqual([405, "POST, OPTIONS"]);
  });

  it("answers 501 probe_unavailable where there is no probe", async () => {
    const without = await openApi();
    try {
      const { status, json } = await without.post(path, { key: "some-secret", region });
      expect([status, json.code]).toEqual([501, "probe_unavailable"]);
    } finally {
      await without.close();
    }
  });

  it("answers 503 when the outcome cannot be made durable; a dead key stays out and is written later", async () => {
    let keys: Breakable<KeyRepository> | undefined;
    const breaking = await openApi((ports) => {
      keys = breakable(ports.keys);
      return { ...ports, ...azure.probes, keys: keys.port };
    });
    try {
      const key = azure.secretFor(REJECTED);
      await breaking.post(base, { key, region });
      keys?.break("settle");
      const { status, json } = await breaking.post(path, { key, region });
      expect([status, json.code]).toEqual([503, "storage_unavailable"]);
      expect((await breaking.get(`${base}/get?region=${region}`)).status).toBe(404);
      keys?.mend();
      await breaking.pool.jobs.run("write owed changes");
      expect((await breaking.get(base)).json.data[0].status).toBe("disabled");
    } finally {
      await breaking.close();
    }
  });
});

it("tells a spent quota from a key that is forbidden", async () => {
  const key = await registered("/keys", "eastasia", { kind: "phrase", status: "Forbidden" });
  const { json } = await api.post("/keys/test2", { key });
  expect(json).toMatchObject({ error: expect.stringContaining("quota_spent"), data: { statusCode: 403 } });
  expect((await loggedIn("/keys"))[0].note).toContain("quota_spent");
});

it("passes on how long a throttled key is asked to wait, and lets it rest so long", async () => {
  const key = await registered("/keys", "eastasia", { kind: "refuse", status: 429, retryAfterSeconds: 7 });
  expect((await api.post("/keys/test", { key })).json.data.retryAfterSeconds).toBe(7);
  const [{ cooldown_until }] = (await api.get("/keys")).json.data;
  expect(Date.parse(cooldown_until) - api.clock.now()).toBe(7000);
});

describe("without a verdict", () => {
  const raw = new RawServers();
  afterAll(() => raw.close());

  /** A deadline far away where an answer is due, a short one where it is all that can end the probe. */
  const faults: readonly (readonly [string, () => Promise<string>, number, string, number])[] = [
    ["a closed port", async () => `http://${await raw.closedPort()}`, 502, "probe_failed", 120],
    ["a name nobody resolves", async () => "http://nowhere.invalid", 502, "probe_failed", 120],
    ["a failing TLS", async () => `https://${await raw.serveBrokenTls()}`, 502, "probe_failed", 120],
    [
      "a cut connection",
      async () => `http://${await raw.serve((socket) => socket.destroy())}`,
      502,
      "probe_failed",
      120,
    ],
    [
      "a server that never answers",
      async () => `http://${await raw.serve(() => {})}`,
      504,
      "probe_timeout",
      0.5,
    ],
  ];

  it.each(faults)("%s changes no key", async (_name, serve, status, code, deadline) => {
    const probes = probesOf(await serve());
    const unreachable = await openApi((ports) => ({ ...ports, ...probes }));
    try {
      await unreachable.post("/config", { config_key: "probe_timeout_seconds", config_value: deadline });
      const inDoubt = async (key: string, { path, base, region }: (typeof TESTS)[number]) => {
        await unreachable.post(base, { key, region });
        const answer = await unreachable.post(path, { key, region });
        expect([answer.status, answer.json.code]).toEqual([status, code]);
        expect(answer.json).toMatchObject({ success: false, error: expect.any(String) });
        const { data } = (await unreachable.get(base)).json;
        for (const one of data) {
          expect(one).toMatchObject({ status: "enabled", disabled_code: null, cooldown_until: null });
        }
        const { logs } = (await unreachable.get(`${base}/logs?action=test`)).json.data;
        expect(logs[0]).toMatchObject({ status_code: expect.any(Number), key_id: expect.any(Number) });
      };
      await Promise.all(TESTS.map((test, index) => inDoubt(`a-key-in-doubt-${index}`, test)));
    } finally {
      await unreachable.close();
    }
  });

  it.each(["silent", "no-turn-end"] as const)(
    "a service that falls %s is given up at the deadline",
    async (kind) => {
      await set("probe_timeout_seconds", 0.2);
      const key = await registered("/keys", "eastasia", { kind });
      for (const path of ["/keys/test", "/keys/test2"]) {
        const { status, json } = await api.post(path, { key });
        expect([status, json.code]).toEqual([504, "probe_timeout"]);
      }
      expect(await statusIn("/keys")).toBe("enabled");
    },
  );
});

describe("max_concurrent_requests", () => {
  /** An Azure that keeps every probe until `end`, which fails it. */
  async function openSilent() {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => sockets.add(socket)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const probes = probesOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const hanging = await openApi((ports) => ({ ...ports, ...probes }));
    const end = () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    };
    onTestFinished(async () => {
      end();
      await hanging.close();
    });
    const configure = (name: string, value: number) =>
      hanging.post("/config", { config_key: name, config_value: value });
    await configure("probe_timeout_seconds", 120);
    const test = (path: string) => hanging.post(path, { key: "a-key-of-nobody", region: "eastasia" });
    return { configure, test, asked: () => sockets.size, end };
  }

  it("holds whatever is tested, and a change is in force at once", async () => {
    const { configure, test, asked, end } = await openSilent();
    await configure("max_concurrent_requests", 2);
    const tests = [...TESTS, ...TESTS].map(({ path }) => test(path));
    await expect.poll(asked).toBe(2);
    await configure("max_concurrent_requests", 5);
    await expect.poll(asked).toBe(5);
    end();
    expect((await Promise.all(tests)).map(({ status }) => status)).toEqual(tests.map(() => 502));
  });

  it("lets the next one in as soon as one is through", async () => {
    await set("max_concurrent_requests", 1);
    const slow = azure.secretFor({ kind: "works", delayMs: 20 });
    const answers = await Promise.all(TESTS.map(({ path }) => api.post(path, { key: slow })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it("counts waiting against the deadline", async () => {
    const { configure, test, asked, end } = await openSilent();
    await configure("max_concurrent_requests", 1);
    const first = test("/keys/test");
    await expect.poll(asked).toBe(1);
    await configure("probe_timeout_seconds", 0.2);
    for (const { status, json } of await Promise.all([test("/keys/test"), test("/keys/test2")])) {
      expect([status, json.code]).toEqual([504, "probe_timeout"]);
      expect(json.error).toContain("other probes");
    }
    end();
    expect((await first).status).toBe(502);
  });
});

describe.each(TESTS)("the audit of $path", ({ path, base, region, kind }) => {
  const service = base === "/keys" ? "speech" : "translation";
  const PROBES = { TTS: "synthesis", STT: "recognition", Translation: "translation" } as const;
  const acts = async () =>
    (await api.pool.audit?.list({ offset: 0, limit: 9, act: "test_key" }))?.entries as Json;

  it("has who asked Azure about which key, and shows no secret", async () => {
    const key = await registered(base, region, WORKS);
    const stranger = azure.secretFor(REJECTED);
    const made = await api.pool.access?.create({ name: "desk", role: "operator" });
    const headers = { authorization: `Bearer ${made?.text}` };
    await api.send("POST", path, { key, region }, headers);
    await api.send("POST", path, { key: stranger, region }, headers);
    const asked = { actor: { id: made?.id, role: "operator" }, address: "127.0.0.1", failure: null };
    const shown = (of: string) => ({ key: `${of.slice(0, 4)}***`, region, kind: PROBES[kind] });
    expect(await acts()).toMatchObject([
      { ...asked, subject: `a ${service} key of no pool`, after: shown(stranger) },
      { ...asked, subject: `${service} key 1`, after: shown(key) },
    ]);
    expect(JSON.stringify(await acts())).not.toContain(key);
    const { logs } = (await api.send("GET", `${base}/logs?action=test`, undefined, headers)).json.data;
    expect(logs.map(({ actor }: Json) => actor)).toEqual([made?.id, made?.id]);
  });

  it("tells nothing of a key that is outside of the token's scope", async () => {
    const key = await registered(base, region, WORKS);
    const scope = { tags: ["gold"] };
    const made = await api.pool.access?.create({ name: "desk", role: "operator", scope });
    await api.send("POST", path, { key, region }, { authorization: `Bearer ${made?.text}` });
    expect(await acts()).toMatchObject([{ subject: `a ${service} key of no pool` }]);
  });

  it("is written before Azure is asked, or Azure is not asked", async () => {
    let audit: Breakable<Audit> | undefined;
    await api.close();
    api = await openApi((ports) => {
      audit = breakable(ports.audit as Audit);
      return { ...ports, ...azure.probes, audit: audit.port };
    });
    const key = await registered(base, region, WORKS);
    azure.emulator.clearRequests();
    audit?.break("append");
    const { status, json } = await api.post(path, { key, region });
    expect([status, json.code]).toEqual([503, "storage_unavailable"]);
    expect(azure.emulator.requests()).toEqual([]);
  });
});

it("the audit says of a test that its caller has given it up", async () => {
  const speech = breakable(azure.probes.speechProbe);
  await api.close();
  api = await openApi((ports) => ({ ...ports, speechProbe: speech.port }));
  await set("max_concurrent_requests", 1);
  const asker = { actor: { id: "me", name: "", role: null }, address: null, requestId: null } as const;
  const question = { kind: "synthesis", secret: azure.secretFor(WORKS), region: "eastasia" } as const;
  speech.hold("synthesize");
  const first = api.pool.testKey.execute(question, undefined, undefined, asker);
  await expect.poll(() => speech.held).toBe(1);
  const gone = new AbortController();
  const second = api.pool.testKey.execute(question, gone.signal, undefined, asker);
  gone.abort(new Error("gone"));
  await expect(second).rejects.toThrow("gone");
  speech.release();
  await first;
  const { entries } = (await api.pool.audit?.list({ offset: 0, limit: 9, actor: "me" })) ?? {};
  expect(entries?.map(({ failure }) => failure)).toEqual(["aborted", null, null]);
});
