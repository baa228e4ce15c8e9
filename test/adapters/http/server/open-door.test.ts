import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createHttpApp,
  type GuardOptions,
  type HttpServer,
  listen,
} from "../../../../src/adapters/http/index.ts";
import { askRaw } from "../ask-raw.ts";
import { type Api, openApi } from "../open-api.ts";

let api: Api;
let server: HttpServer | undefined;
beforeEach(async () => {
  api = await openApi();
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await api.close();
});

/** Another way in to the same pool. */
async function servedTo(guard: GuardOptions): Promise<string> {
  const { pool, clock } = api;
  const log = pino({ level: "silent" });
  server = await listen(createHttpApp({ pool, clock, log, version: "1", guard }));
  return server.url;
}

const ask = (
  lines: readonly string[],
  { method = "GET", target = "/api/keys", url = api.url, body = "" } = {},
) => askRaw(url, method, target, lines, body);

describe("while no token exists", () => {
  it.each([
    "localhost",
    "LOCALHOST:3000",
    "localhost.:80",
    "127.0.0.1",
    "127.9.8.7:65535",
    "[::1]",
    "[::1]:3000",
  ])("a request to %s is answered", async (host) => {
    expect((await ask([`Host: ${host}`])).status).toBe(200);
  });

  it.each([
    "pool.example",
    "localhost.evil.example",
    "evil.example:3000",
    "127.0.0.1.evil.example",
    "127.0.0.1@evil.example",
    "evil@localhost",
    "127.0.0.256",
    "0.0.0.0",
    "192.168.0.1",
    "[::2]",
    "[::ffff:192.168.0.1]",
    "localhost:port",
    "",
  ])("a request to the host %j is misdirected, on any path", async (host) => {
    for (const target of ["/api/keys", "/api/keys/get", "/api/health", "/", "/nope"]) {
      expect(await ask([`Host: ${host}`], { target })).toMatchObject({ status: 421, code: "misdirected" });
    }
  });

  it("a request with two hosts is misdirected, and one whose target names another", async () => {
    expect(await ask(["Host: localhost", "Host: localhost"])).toMatchObject({ status: 421 });
    expect(await ask([], { target: "http://evil.example/api/keys" })).toMatchObject({ status: 421 });
    expect(await ask([], { target: "http://localhost@evil.example/api/keys" })).toMatchObject({
      status: 421,
    });
    expect(await ask([], { target: "http://127.0.0.1/api/keys" })).toMatchObject({ status: 200 });
    expect(await ask(["Host: evil.example"], { target: "http://localhost/api/keys" })).toMatchObject({
      status: 421,
    });
  });

  it.each([
    "X-Forwarded-For: 1.2.3.4",
    "x-forwarded-proto: https",
    "X-Forwarded-Anything:",
    "Forwarded: for=1.2.3.4",
    "Via: 1.1 proxy",
    "X-Real-IP: 1.2.3.4",
  ])("what a proxy passes on is refused: %s", async (line) => {
    for (const target of ["/api/keys/get", "/api/health"]) {
      expect(await ask([line], { target })).toMatchObject({ status: 403, code: "behind_proxy" });
    }
  });

  it.each([
    "Origin: https://evil.example",
    "Origin: http://localhost:81",
    "Origin: http://127.0.0.1",
    "Origin: null",
    "Origin: file://",
    "Origin:",
    "Sec-Fetch-Site: cross-site",
    "Sec-Fetch-Site: same-site",
  ])("what a page of another site sends is refused: %s", async (line) => {
    for (const [method, target] of [
      ["GET", "/api/keys/get"],
      ["POST", "/api/tokens"],
      ["OPTIONS", "/api/keys"],
    ] as const) {
      expect(await ask([line], { method, target })).toMatchObject({ status: 403, code: "cross_site" });
    }
  });

  it.each([
    "Origin: http://localhost",
    "Origin: http://LOCALHOST:80",
    "Sec-Fetch-Site: same-origin",
    "Sec-Fetch-Site: none",
  ])("what a page of its own sends is answered: %s", async (line) => {
    expect((await ask([line])).status).toBe(200);
  });

  it("a page that changes something must say that it sends JSON, also without a body", async () => {
    const act = (...lines: string[]) => ask(lines, { method: "POST", target: "/api/system/cleanup" });
    const origin = "Origin: http://localhost";
    expect(await act(origin)).toMatchObject({ status: 415, code: "unsupported_media_type" });
    expect(await act(origin, "Content-Type: text/plain")).toMatchObject({ status: 415 });
    expect(await act(origin, "Content-Type: application/json; charset=utf-8")).toMatchObject({ status: 200 });
    expect(await act()).toMatchObject({ status: 200 });
  });

  it("none of this is asked once there is a token", async () => {
    const text = (await api.pool.access?.create({ name: "n", role: "viewer" }))?.text;
    const lines = ["Host: pool.example", "Origin: https://dashboard.example", "X-Forwarded-For: 1.2.3.4"];
    expect((await ask([...lines, `Authorization: Bearer ${text}`])).status).toBe(200);
    expect((await ask(lines)).status).toBe(401);
  });

  it("who asks is told that he may everything", async () => {
    const { body } = await ask([], { target: "/api/tokens/self" });
    expect(JSON.parse(body).data).toEqual({
      id: null,
      name: "nobody in particular",
      role: "admin",
      scope: {},
      expires_at: null,
    });
  });
});

describe("open to anyone", () => {
  it("any one host is answered, but no page of another", async () => {
    const url = await servedTo({ openTo: "anyone" });
    const host = "Host: pool.example:3000";
    expect((await ask([host], { url })).status).toBe(200);
    expect((await ask([host, "Origin: http://pool.example:3000"], { url })).status).toBe(200);
    expect(await ask([host, "Origin: http://evil.example"], { url })).toMatchObject({ code: "cross_site" });
    expect(await ask([host, host], { url })).toMatchObject({ code: "misdirected" });
  });

  it("a proxy may pass requests on only if it is trusted", async () => {
    const forwarded = "X-Forwarded-For: 1.2.3.4";
    expect(await ask([forwarded], { url: await servedTo({ openTo: "anyone" }) })).toMatchObject({
      code: "behind_proxy",
    });
    await server?.close();
    const url = await servedTo({ openTo: "anyone", trustProxy: ["127.0.0.0/8"] });
    expect((await ask([forwarded], { url })).status).toBe(200);
  });
});

it("open to nobody, what is for anyone is answered and all else needs a token", async () => {
  const url = await servedTo({ openTo: "nobody" });
  expect(await ask(["Host: pool.example"], { url, target: "/api/health" })).toMatchObject({ status: 200 });
  expect(await ask([], { url })).toMatchObject({ status: 401, code: "unauthorized" });
});

it("a network to trust that is none is refused", () => {
  const { pool, clock } = api;
  const log = pino({ level: "silent" });
  expect(() =>
    createHttpApp({ pool, clock, log, version: "1", guard: { trustProxy: ["10.0.0.0/33"] } }),
  ).toThrow(TypeError);
});
