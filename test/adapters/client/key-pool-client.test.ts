import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { type ConnectionOptions, KeyPoolClient } from "../../../src/adapters/client/index.ts";
import type { Ports } from "../../../src/application/index.ts";
import { breakable } from "../../../src/testing/breakable.ts";
import { openAzure } from "../../situations/azure.ts";
import { type Api, openApi, secretOf } from "../http/open-api.ts";

const POOL = { service: "speech" } as const;

let api: Api;
let client: KeyPoolClient;
let waited: number[];

beforeEach(async () => {
  waited = [];
  await serve(await openApi());
});
afterEach(() => api.close());

async function serve(opened: Api): Promise<void> {
  api = opened;
  client = new KeyPoolClient({
    baseUrl: `${api.url}/api`,
    wait: async (ms) => {
      waited.push(ms);
      api.clock.advance(ms);
    },
  });
}

const addKeys = async (count: number) => {
  for (let n = 1; n <= count; n++) await client.addKey("speech", { key: secretOf(n), region: "eastasia" });
};

/** A server that is not the API. */
async function other(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
}

describe("handing out", () => {
  it("answers a key with its secret", async () => {
    await addKeys(1);
    expect(await client.handOut(POOL)).toEqual({
      status: "handed-out",
      key: {
        id: 1,
        key: secretOf(1),
        region: "eastasia",
        keyname: "",
        tag: null,
        status: "enabled",
        created_at: "2026-01-01T00:00:00.000Z",
      },
    });
  });

  it("asks for the service, region and tag it was given", async () => {
    await client.addKey("translation", { key: secretOf(1), region: "westus" });
    await client.addKey("translation", { key: secretOf(2), region: "westus", tag: "a & b" });
    const pool = { service: "translation", region: "westus", tag: "a & b" } as const;
    expect(await client.handOut(pool)).toMatchObject({ key: { key: secretOf(2) } });
    expect(await client.handOut({ service: "translation" })).toEqual({ status: "no-key" });
  });

  it("answers that all keys rest, and until when", async () => {
    await addKeys(1);
    await client.report("speech", { key: secretOf(1), code: 429 });
    expect(await client.handOut(POOL)).toEqual({
      status: "all-cooling",
      availableAt: "2026-01-01T00:05:00.000Z",
      retryAfterSeconds: 300,
    });
  });
});

it("reports a code, with a note", async () => {
  await addKeys(1);
  const report = { key: secretOf(1), code: 401, note: "no such key" };
  expect(await client.report("speech", report)).toEqual({ action: "disable", statusChanged: true });
  expect(await client.report("speech", report)).toEqual({
    action: "skip",
    reason: "already_disabled",
    statusChanged: false,
  });
  expect((await client.listLogs("speech", { action: "disable_key" })).logs).toMatchObject([
    { key_id: 1, status_code: 401, note: "no such key" },
  ]);
});

describe("administration", () => {
  it("adds, changes, lists, disables, enables and deletes keys", async () => {
    const added = await client.addKey("speech", { key: secretOf(1), region: "westus", keyname: "one" });
    expect(added).toMatchObject({ id: 1, key: "sekr***", service: "speech", status: "enabled" });
    expect(await client.updateKey("speech", 1, { region: "eastus", tag: "t" })).toMatchObject({
      region: "eastus",
      tag: "t",
      keyname: "one",
    });
    expect(await client.disableKey("speech", 1)).toMatchObject({ status: "disabled", disabled_by: "person" });
    expect(await client.listKeys("speech", { status: "disabled", region: "eastus", tag: "t" })).toMatchObject(
      [{ id: 1, usage_count: 0, last_used: null }],
    );
    expect(await client.listKeys("speech", { status: "cooldown" })).toEqual([]);
    expect(await client.enableKey("speech", 1)).toMatchObject({ status: "enabled" });
    expect(await client.pageKeys("speech")).toMatchObject({ total: 1, page: 1, limit: 50, totalPages: 1 });
    expect(await client.pageKeys("speech", { page: 2, limit: 1 })).toMatchObject({ keys: [], total: 1 });
    expect(await client.pageKeys("speech", { q: "nowhere", sort: "-name" })).toMatchObject({ total: 0 });
    expect(await client.showKey("speech", 1)).toMatchObject({ id: 1, usage_count: 0 });
    expect(await client.listPools()).toMatchObject([{ service: "speech", enabled: 1 }]);
    expect(await client.deleteKey("speech", 1)).toMatchObject({ id: 1 });
    expect(await client.listKeys("speech")).toEqual([]);
  });

  it("reads logs and statistics", async () => {
    await addKeys(2);
    await client.report("speech", { key: secretOf(2), code: 429 });
    const logs = await client.listLogs("speech", { key_id: 2, limit: 1, from: "2026-01-01", to: 1e13 });
    expect(logs).toMatchObject({ total: 2, totalPages: 2, logs: [{ action: "cooldown_start" }] });
    expect(await client.readStatistics("speech")).toMatchObject({
      cooldown: { totalKeys: 2, cooldownKeys: 1 },
      cooldownKeys: [{ key: "sekr***", remainingSeconds: 300 }],
    });
  });

  it("tests keys, and tells a key that does not work from one that Azure said nothing of", async () => {
    const azure = await openAzure();
    onTestFinished(() => azure.emulator.close());
    const plain = api;
    await serve(await openApi((ports) => ({ ...ports, ...azure.probes })));
    await plain.close();
    const key = azure.secretFor({ kind: "works" });
    await client.addKey("speech", { key, region: "eastasia" });
    expect(await client.testKey("synthesis", { key })).toMatchObject({
      works: true,
      statusCode: 200,
      statusUpdate: { action: "keep_enabled" },
    });
    expect(await client.testKey("recognition", { key, region: "westus" })).toMatchObject({
      statusUpdate: null,
    });
    const revoked = azure.secretFor({ kind: "refuse", status: 401 });
    expect(await client.testKey("translation", { key: revoked, to: "de" })).toMatchObject({
      works: false,
      reason: expect.stringContaining("401"),
      statusCode: 401,
    });
    await expect(client.testKey("synthesis", { key: "short" })).rejects.toMatchObject({
      code: "invalid_request",
    });
  });

  it("validates and imports many keys", async () => {
    await addKeys(1);
    const rows = [1, 2, 3].map((n) => ({ key: secretOf(n), region: "eastasia" }));
    expect(await client.validateImport("speech", rows)).toEqual({
      valid: true,
      total: 3,
      errors: [],
      warnings: [{ index: 0, field: "key", message: "is in the pool already" }],
    });
    expect(await client.importKeys("speech", rows, { enableAfterCreate: false })).toMatchObject({
      success: 2,
      skipped: 1,
      results: [{ status: "skipped" }, { id: 2, status: "created" }, { id: 3 }],
    });
    const bad = [{ key: secretOf(4), region: "no/where" }];
    expect(await client.importKeys("speech", bad)).toMatchObject({
      failed: 1,
      results: [{ index: 0, status: "failed", error: expect.stringMatching(/^region: /) }],
    });
    await expect(client.importKeys("speech", [])).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("validates and imports many keys as CSV, and as a list", async () => {
    const csv = { media: "text/csv", content: `key,tag\n${secretOf(1)},金\n`, region: "westus" } as const;
    expect(await client.validateImport("translation", csv)).toMatchObject({ valid: true, total: 1 });
    expect(await client.importKeys("translation", csv, { enableAfterCreate: false })).toMatchObject({
      success: 1,
    });
    expect(await client.listKeys("translation")).toMatchObject([
      { region: "westus", tag: "金", status: "disabled" },
    ]);
    const list = { media: "text/plain", content: `${secretOf(2)},eastasia\n${secretOf(3)}` } as const;
    expect(await client.importKeys("speech", list, { validateBeforeCreate: false })).toMatchObject({
      results: [{ status: "created" }, { status: "failed", error: "region: is required" }],
    });
  });

  it("reads a file to fill in, which is refused until that is done", async () => {
    const template = await client.readImportTemplate("translation");
    expect(template).toMatchObject({ type: "translation", keys: [{ region: "global" }, {}] });
    const filled = template.keys.map((row, n) => ({ ...row, key: secretOf(n) }));
    expect(await client.validateImport("translation", template.keys)).toMatchObject({ valid: false });
    expect(await client.validateImport("translation", filled)).toMatchObject({ valid: true });
  });

  it("reads what the API is", async () => {
    const { openapi, info, paths } = await client.readDocumentation();
    expect([openapi, info.version]).toEqual(["3.1.0", "1.2.3"]);
    expect(Object.keys(paths)).toContain("/keys/get");
  });

  it("reads how the log is cleaned up, and does it", async () => {
    expect(await client.readCleanup()).toMatchObject({ running: false, last_run: null });
    expect(await client.cleanUp()).toMatchObject({ rows_removed: 0, last_run: expect.any(String) });
  });

  it("reads, saves and restores settings", async () => {
    await client.saveSetting({ config_key: "team", config_value: 7, description: "whose" });
    expect(await client.updateSetting({ config_key: "team", config_value: "8" })).toMatchObject({
      config_value: "8",
      description: "whose",
    });
    await client.saveSettings([{ config_key: "cooldown_seconds", config_value: 60 }]);
    expect(await client.readSetting("cooldown_seconds")).toMatchObject({ config_value: "60" });
    expect(await client.restoreSetting("cooldown_seconds")).toMatchObject({ config_value: "300" });
    expect((await client.listSettings()).map(({ config_key }) => config_key)).toContain("team");
    await expect(client.readSetting("no/such?name")).rejects.toMatchObject({ code: "config_not_found" });
  });

  it("answers how the server is, also when it is unhealthy", async () => {
    expect(await client.checkHealth()).toMatchObject({ status: "healthy", version: "1.2.3" });
    await api.close();
    const down = async () => ({ status: "down", reason: "no connection" }) as const;
    const health = [{ part: "database", essential: true, check: down }];
    await serve(await openApi((ports) => ({ ...ports, health })));
    expect(await client.checkHealth()).toMatchObject({ status: "unhealthy", parts: { database: {} } });
  });
});

describe("a pool with tokens", () => {
  it("lets a client in by its token, as far as that goes", async () => {
    const made = await api.pool.access?.create({ name: "worker", role: "client" });
    await expect(client.handOut(POOL)).rejects.toMatchObject({ code: "unauthorized", httpStatus: 401 });
    const known = new KeyPoolClient({ baseUrl: `${api.url}/api`, token: made?.text ?? "" });
    expect(await known.handOut(POOL)).toEqual({ status: "no-key" });
    await expect(known.listKeys("speech")).rejects.toMatchObject({ code: "forbidden" });
    expect(await known.checkHealth()).toEqual({ status: "healthy" });
  });
});

describe("what goes wrong", () => {
  it("throws the API's code, the bad fields and the request's id", async () => {
    const error = await client.addKey("speech", { key: "short", region: "?" }).catch((error) => error);
    expect(error).toMatchObject({ name: "ApiError", code: "invalid_request", httpStatus: 400 });
    expect(error.details.map(({ field }: { readonly field: string }) => field)).toEqual(["key", "region"]);
    expect(error.requestId).toMatch(/^[\w-]+$/);
    await expect(client.enableKey("speech", 9)).rejects.toMatchObject({ code: "key_not_found" });
  });

  it("tells when storage will be back", async () => {
    await api.close();
    const broken = (ports: Ports): Ports => {
      const log = breakable(ports.log);
      log.break("append");
      return { ...ports, log: log.port };
    };
    await serve(await openApi(broken));
    await addKeys(1);
    await expect(client.report("speech", { key: secretOf(1), code: 200 })).rejects.toMatchObject({
      code: "storage_unavailable",
      httpStatus: 503,
      retryAfterSeconds: 1,
    });
  });

  it("tells when nobody answers", async () => {
    await api.close();
    await expect(client.handOut(POOL)).rejects.toMatchObject({ code: "unreachable", httpStatus: undefined });
  });

  it.each([
    ["nothing", () => {}],
    ["half an answer", (_, res) => res.writeHead(200).write('{"success":true,')],
  ] satisfies [string, RequestListener][])("gives up on a server that sends %s", async (_, listener) => {
    const baseUrl = await other(listener);
    await expect(
      new KeyPoolClient({ baseUrl, timeoutMs: 30, retries: 0 }).handOut(POOL),
    ).rejects.toMatchObject({
      code: "timed_out",
    });
  });

  it.each(["<h1>Bad gateway</h1>", "null", '"text"', "{}", '{"success":false}', ""])(
    "takes %j for the answer of somebody else",
    async (body) => {
      const baseUrl = await other((_, res) => res.writeHead(502).end(body));
      await expect(new KeyPoolClient({ baseUrl, retries: 0 }).listSettings()).rejects.toMatchObject({
        code: "unexpected_answer",
        httpStatus: 502,
      });
    },
  );

  it.each(["<h1>Sign in</h1>", "[]", "{}", '{"success":true,"data":{"keys":[]}}'])(
    "takes %j for no document",
    async (body) => {
      const baseUrl = await other((_, res) => res.end(body));
      await expect(new KeyPoolClient({ baseUrl }).readImportTemplate("speech")).rejects.toMatchObject({
        code: "unexpected_answer",
      });
    },
  );

  it("asks again for a document, and tells the hooks of it", async () => {
    let asked = 0;
    const baseUrl = await other((_, res) =>
      ++asked === 1 ? res.writeHead(502).end() : res.end('{"keys":[]}'),
    );
    const told: unknown[] = [];
    const hooks: ConnectionOptions["hooks"] = {
      onCall: ({ path, attempt }) => void told.push([path, attempt]),
      onRetry: ({ path, error }) => void told.push([path, error.code]),
    };
    const hooked = new KeyPoolClient({ baseUrl, hooks, wait: async () => {} });
    await hooked.readImportTemplate("speech");
    expect(told).toEqual([
      ["/upload/template", 1],
      ["/upload/template", "unexpected_answer"],
      ["/upload/template", 2],
    ]);
  });

  it("asks again, with growing pauses, what may be asked twice, and nothing else", async () => {
    const asked: (string | undefined)[] = [];
    const baseUrl = await other((req, res) => {
      asked.push(`${req.method} ${req.url}`);
      res.writeHead(503, { "retry-after": "2" });
      res.end('{"success":false,"error":"away","code":"storage_unavailable"}');
    });
    const retried: unknown[] = [];
    const hooks: ConnectionOptions["hooks"] = { onRetry: ({ delayMs }) => void retried.push(delayMs) };
    const patient = new KeyPoolClient({ baseUrl, hooks, random: () => 1, wait: async () => {} });
    const unavailable = { code: "storage_unavailable" };
    await expect(patient.report("speech", { key: secretOf(1), code: 200 })).rejects.toMatchObject(
      unavailable,
    );
    await expect(patient.addKey("speech", { key: secretOf(1), region: "r1" })).rejects.toMatchObject(
      unavailable,
    );
    await expect(patient.with({ retries: 0 }).listSettings()).rejects.toMatchObject(unavailable);
    expect(asked).toEqual([...Array(3).fill("POST /api/keys/status"), "POST /api/keys", "GET /api/config"]);
    expect(retried).toEqual([2_250, 2_500]);
  });

  it("ends with the signal it is given, whatever it waits for", async () => {
    const baseUrl = await other(() => {});
    const ending = new AbortController();
    const asked = new KeyPoolClient({ baseUrl }).with({ signal: ending.signal }).listSettings();
    ending.abort(new Error("enough"));
    await expect(asked).rejects.toThrow("enough");
  });

  it("tells of each request how it ended, and shows no secret", async () => {
    await addKeys(1);
    const told: unknown[] = [];
    const hooks: ConnectionOptions["hooks"] = {
      onCall: (call) => {
        return ({ httpStatus, error }) => void told.push({ ...call, httpStatus, code: error?.code });
      },
    };
    const hooked = new KeyPoolClient({ baseUrl: `${api.url}/api`, hooks });
    await hooked.report("speech", { key: secretOf(1), code: 200 });
    await hooked.enableKey("speech", 9).catch(() => {});
    expect(told).toEqual([
      { method: "POST", path: "/keys/status", attempt: 1, httpStatus: 200, code: undefined },
      { method: "POST", path: "/keys/9/enable", attempt: 1, httpStatus: 404, code: "key_not_found" },
    ]);
    expect(JSON.stringify(told)).not.toContain(secretOf(1));
  });

  it("calls nothing at the end of a request where a hook answers no function, as an asynchronous one", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    onTestFinished(() => warned.mockRestore());
    const onCall = (async () => {}) as unknown as NonNullable<ConnectionOptions["hooks"]>["onCall"] & object;
    await new KeyPoolClient({ baseUrl: `${api.url}/api`, hooks: { onCall } }).listSettings();
    expect(warned).not.toHaveBeenCalled();
  });

  it("asks for the headers of each request, as a trace wants it", async () => {
    const seen: unknown[] = [];
    const baseUrl = await other((req, res) => {
      seen.push([req.headers.traceparent, req.headers.authorization]);
      res.end('{"success":true,"data":{}}');
    });
    let n = 0;
    const traced = new KeyPoolClient({ baseUrl, token: "t", headers: () => ({ traceparent: `0${++n}` }) });
    await traced.listSettings();
    await traced.checkHealth();
    expect(seen).toEqual([
      ["01", "Bearer t"],
      ["02", "Bearer t"],
    ]);
  });

  it("does not follow a redirection with a secret", async () => {
    const elsewhere: string[] = [];
    const target = await other((req, res) => {
      elsewhere.push(req.url ?? "");
      res.end("{}");
    });
    const baseUrl = await other((_, res) => res.writeHead(307, { location: target }).end());
    const report = new KeyPoolClient({ baseUrl }).report("speech", { key: secretOf(1), code: 200 });
    await expect(report).rejects.toMatchObject({ code: "unexpected_answer", httpStatus: 307 });
    expect(elsewhere).toEqual([]);
  });

  it("sends the headers it was given, and no secret in a URL", async () => {
    const seen: (string | undefined)[] = [];
    const baseUrl = await other((req, res) => {
      seen.push(req.url, req.headers.authorization);
      res.end('{"success":true,"data":{}}');
    });
    const guarded = new KeyPoolClient({ baseUrl: `${baseUrl}/`, headers: { authorization: "Bearer x" } });
    await guarded.report("speech", { key: secretOf(1), code: 200 });
    expect(seen).toEqual(["/api/keys/status", "Bearer x"]);
  });

  it.each(["", "nonsense", "ftp://host/api", "http://user:pass-word@host/api", "http://host/api?x=1"])(
    "refuses %j as a base URL without repeating it",
    (baseUrl) => {
      expect(() => new KeyPoolClient({ baseUrl })).toThrow(
        new TypeError("baseUrl must be an http or https URL without credentials, query and fragment"),
      );
    },
  );
});
