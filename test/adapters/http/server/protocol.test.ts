import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, addKeys, openApi, secretOf } from "../open-api.ts";

let api: Api;
beforeAll(async () => {
  api = await openApi();
  await addKeys(api, 1);
});
afterAll(() => api.close());

/** Writes to a socket as it stands and answers what comes back until the server closes. */
async function raw(text: string): Promise<string> {
  const socket = connect(Number(new URL(api.url).port), "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.write(text);
  await once(socket, "close");
  return Buffer.concat(chunks).toString();
}

describe("paths and methods", () => {
  it.each([
    "/nope",
    "/keys/get/more",
    "/keys/1/2/3",
    "/config/a/b",
    "/",
    "/keys/",
    "/Keys",
    "/KEYS/get",
    "/keys/get/",
    "/health/",
  ])("answers 404 not_found for /api%s", async (path) => {
    const { status, json } = await api.get(path);
    expect(status).toBe(404);
    expect(json).toMatchObject({ success: false, code: "not_found" });
  });

  it("answers 404 not_found outside of /api", async () => {
    expect((await fetch(`${api.url}/nope`)).status).toBe(404);
    expect((await fetch(`${api.url}/keys/get`)).status).toBe(404);
  });

  it.each([
    ["POST", "/keys/get", "HEAD, GET"],
    ["DELETE", "/keys/get", "HEAD, GET"],
    ["GET", "/keys/status", "POST"],
    ["PUT", "/keys/stats", "GET, HEAD"],
    ["DELETE", "/keys", "GET, HEAD, POST"],
    ["POST", "/keys/1", "GET, HEAD, PUT, DELETE"],
    ["GET", "/keys/1/enable", "POST"],
    ["PATCH", "/translation/keys", "GET, HEAD, POST"],
    ["PROPFIND", "/keys", "GET, HEAD, POST"],
    ["DELETE", "/config", "GET, HEAD, POST"],
    ["GET", "/config/batch", "POST"],
    ["POST", "/config/colour", "GET, HEAD, PUT, DELETE"],
    ["POST", "/health", "GET, HEAD"],
    ["DELETE", "/system/cleanup", "GET, HEAD, POST"],
  ])("answers 405 to %s %s and allows %s", async (method, path, allowed) => {
    const { status, json, headers } = await api.send(method, path);
    expect([status, json.code]).toEqual([405, "method_not_allowed"]);
    expect(headers.get("allow")).toBe(`${allowed}, OPTIONS`);
  });

  it("tells the methods of a path on OPTIONS", async () => {
    const { status, headers } = await api.send("OPTIONS", "/keys/1");
    expect([status, headers.get("allow")]).toEqual([204, "GET, HEAD, PUT, DELETE, OPTIONS"]);
  });

  it("answers HEAD like GET, without the body", async () => {
    for (const path of [
      "/keys",
      "/keys/logs",
      "/keys/stats",
      "/config",
      "/config/cooldown_seconds",
      "/health",
    ]) {
      const { status, text, headers } = await api.send("HEAD", path);
      expect([status, text]).toEqual([200, ""]);
      expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
    }
  });
});

describe("bodies", () => {
  const report = { key: secretOf(1), code: 200 };
  const sendAs = (type: string | undefined, body = JSON.stringify(report), more = {}) =>
    fetch(`${api.url}/api/keys/status`, {
      method: "POST",
      headers: { ...(type && { "content-type": type }), ...more },
      // Bytes, for a text would be given a content type of its own.
      body: Buffer.from(body),
    });

  it.each([
    "application/json",
    "application/json; charset=utf-8",
    'Application/JSON;charset="UTF-8"',
    "application/vnd.api+json",
    "application/json; profile=x",
  ])("accepts %s", async (type) => {
    expect((await sendAs(type)).status).toBe(200);
  });

  it.each([
    undefined,
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "application/jsonp",
    "application/json; charset=utf-16",
    "application/json; charset=latin1",
  ])("answers 415 to %s", async (type) => {
    const answer = await sendAs(type);
    expect(answer.status).toBe(415);
    expect(await answer.json()).toMatchObject({ success: false, code: "unsupported_media_type" });
  });

  it("answers 415 to a compressed body", async () => {
    expect((await sendAs("application/json", "x", { "content-encoding": "gzip" })).status).toBe(415);
  });

  it("measures a body of unknown length while it comes", async () => {
    const pieces = Array.from({ length: 30 }, () => " ".repeat(10_000));
    const answer = await fetch(`${api.url}/api/keys/status`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: ReadableStream.from(pieces.map((piece) => Buffer.from(piece))),
      duplex: "half",
    } as RequestInit);
    expect(answer.status).toBe(413);
  });

  it("takes 100 kB, and 32 MB for uploads", async () => {
    const padded = (size: number) => {
      const note = "x".repeat(size - JSON.stringify({ ...report, note: "" }).length);
      return { ...report, note };
    };
    expect((await api.post("/keys/status", padded(100_000))).status).toBe(200);
    expect((await api.post("/keys/status", padded(100_001))).status).toBe(413);
    const roomy = { ...padded(5_000_000), jsonData: [{}] };
    expect((await api.post("/upload/validate", roomy)).status).toBe(200);
    const head =
      "POST /api/upload/create-keys HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    expect(await raw(`${head}Connection: close\r\nContent-Length: 32000001\r\n\r\n{`)).toContain(" 413 ");
  });

  it("reads a body that comes in pieces", async () => {
    const body = JSON.stringify(report);
    const head = `POST /api/keys/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n`;
    const answer = await raw(
      `${head}Transfer-Encoding: chunked\r\n\r\n5\r\n${body.slice(0, 5)}\r\n${(body.length - 5).toString(16)}\r\n${body.slice(5)}\r\n0\r\n\r\n`,
    );
    expect(answer).toContain("HTTP/1.1 200 OK");
    expect(answer).toContain("keep_enabled");
  });
});

it("answers a request that offers an upgrade, and the next one on its connection", async () => {
  const socket = connect(Number(new URL(api.url).port), "127.0.0.1");
  const offer = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";
  for (const more of [offer, offer, ""]) {
    socket.write(`GET /api/health HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`);
    expect(String((await once(socket, "data"))[0])).toMatch(/^HTTP\/1\.1 200 OK/);
  }
  socket.destroy();
});

describe("X-Request-Id", () => {
  it("is made up, different for each request, on hot routes and others", async () => {
    const ids = new Set<string | null>();
    for (const path of ["/keys/get", "/keys/get", "/keys", "/nope"]) {
      ids.add((await api.get(path)).headers.get("x-request-id"));
    }
    expect(ids.size).toBe(4);
    expect(ids.has(null)).toBe(false);
  });

  it("is the caller's own when it is a harmless word", async () => {
    for (const path of ["/keys/get", "/keys", "/nope"]) {
      const sane = await api.send("GET", path, undefined, { "x-request-id": "trace-1.a:B_2" });
      expect(sane.headers.get("x-request-id")).toBe("trace-1.a:B_2");
      const cut = "aB3d".repeat(16);
      for (const odd of ["x".repeat(65), "two words", 'a"b', "", cut, `key:${cut.slice(0, 32)}`]) {
        const answer = await api.send("GET", path, undefined, { "x-request-id": odd });
        expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f]{12}-[0-9a-z]+$/);
      }
    }
  });
});
