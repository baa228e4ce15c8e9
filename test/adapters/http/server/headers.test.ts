import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHttpApp, type HttpServer, listen } from "../../../../src/adapters/http/index.ts";
import { type Api, addKeys, openApi } from "../open-api.ts";

const POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

describe("the headers that tell browsers what an answer is not for", () => {
  let api: Api;
  beforeAll(async () => {
    api = await openApi();
    await addKeys(api, 1);
  });
  afterAll(() => api.close());

  it.each(["/keys", "/config", "/health", "/nothing", "/keys/%zz", "/openapi.json"])(
    "are sent with %s",
    async (path) => {
      const { headers } = await api.get(path);
      expect(Object.fromEntries(headers)).toMatchObject({
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "content-security-policy": POLICY,
        "cache-control": "no-store",
      });
      expect(headers.has("access-control-allow-origin")).toBe(false);
    },
  );

  it("leave a page what it needs, and nothing more", async () => {
    const page = await fetch(`${api.url}/api/docs`, { headers: { Accept: "text/html" } });
    expect(page.headers.get("content-security-policy")).toBe(
      POLICY.replace(
        "'none'",
        "'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:",
      ),
    );
  });

  it("are one on a hand-out, for each costs as much as making the answer", async () => {
    const { headers } = await api.get("/keys/get?region=eastasia");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.has("content-security-policy")).toBe(false);
  });
});

describe("with the origin of another site allowed", () => {
  const ORIGIN = "https://keys.example.com";
  let api: Api;
  let server: HttpServer;
  let token: string;
  beforeAll(async () => {
    api = await openApi();
    await addKeys(api, 1);
    const made = await api.pool.access?.create({ name: "page", role: "admin" });
    token = made?.text ?? "";
    const log = pino({ level: "silent" });
    server = await listen(
      createHttpApp({ pool: api.pool, clock: api.clock, log, version: "1", corsOrigins: [ORIGIN] }),
    );
  });
  afterAll(async () => {
    await server.close();
    await api.close();
  });

  const call = (path: string, { method = "GET", ...headers }: Record<string, string>) =>
    fetch(`${server.url}/api${path}`, { method, headers });

  it("its pages are told so before they send a token", async () => {
    const asked = { method: "OPTIONS", "Access-Control-Request-Method": "POST" };
    const answer = await call("/keys/status", { ...asked, Origin: ORIGIN });
    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    const allowed = answer.headers.get("access-control-allow-headers")?.split(",");
    expect(allowed).toEqual(expect.arrayContaining(["Authorization", "traceparent", "tracestate"]));
    const other = await call("/keys/status", { ...asked, Origin: "https://evil.example.com" });
    expect([other.status, other.headers.get("access-control-allow-origin")]).toEqual([401, null]);
  });

  it.each(["/keys/get?region=eastasia", "/keys", "/nothing"])("its pages may read %s", async (path) => {
    const authorization = { Authorization: `Bearer ${token}` };
    const answer = await call(path, { ...authorization, Origin: ORIGIN });
    expect(answer.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    expect(answer.headers.get("vary")).toContain("Origin");
    const other = await call(path, { ...authorization, Origin: "https://evil.example.com" });
    expect(other.headers.get("access-control-allow-origin")).toBeNull();
  });
});
