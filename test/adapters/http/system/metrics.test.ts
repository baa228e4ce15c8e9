import { request } from "node:http";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  createHttpApp,
  type HttpMetrics,
  type HttpServer,
  listen,
} from "../../../../src/adapters/http/index.ts";
import { createInMemoryPorts } from "../../../../src/adapters/in-memory/index.ts";
import { createKeyPool } from "../../../../src/application/index.ts";
import { JOBS_BY_HAND, secretOf } from "../../../../src/testing/pool.ts";
import type { Json } from "../open-api.ts";
import { rawCaller, until } from "../raw-caller.ts";

/** Remembers what it was told, in order. */
class Recorder implements HttpMetrics {
  readonly answers: string[] = [];
  readonly times: number[] = [];
  fault: Error | undefined;
  readonly route = (path: string, method: string) => (status: number, ms: number) => {
    this.answers.push(`${method} ${path} ${status}`);
    this.times.push(ms);
  };
  readonly tokenRefused = () => {};
  readonly scrape = async () => {
    if (this.fault) throw this.fault;
    return { contentType: "text/plain; version=0.0.4", text: "up 1\n" };
  };
}

let recorder: Recorder;
let server: HttpServer;

let lines: string[];

async function serve(metrics: HttpMetrics | undefined): Promise<HttpServer> {
  const ports = createInMemoryPorts();
  const pool = createKeyPool({ ...ports, scheduler: JOBS_BY_HAND });
  await pool.start();
  await pool.addKey.execute({ service: "speech", region: "eastasia", secret: secretOf(1) });
  lines = [];
  const log = pino({ level: "debug" }, { write: (line) => lines.push(line) });
  const options = { pool, clock: ports.clock, log, version: "1", corsOrigins: ["https://example.com"] };
  return listen(createHttpApp({ ...options, ...(metrics && { metrics }) }));
}

beforeEach(async () => {
  recorder = new Recorder();
  server = await serve(recorder);
});
afterEach(() => server.close());

const ask = (path: string, init: RequestInit = {}) => fetch(server.url + path, init);
const json = (body: object): RequestInit => ({
  method: "POST",
  body: JSON.stringify(body),
  headers: { "content-type": "application/json" },
});

it("count a request under the pattern of its route, whatever its path says", async () => {
  await ask("/api/keys/get?region=eastasia");
  await ask("/api/keys/get?region=westus");
  await ask("/api/keys/get", { method: "HEAD" });
  await ask("/api/keys/status", json({ key: secretOf(1), code: 200 }));
  await ask(`/api/keys/${secretOf(1)}/disable`, { method: "POST" });
  await ask("/api/keys", { method: "HEAD" });
  expect(recorder.answers).toEqual([
    "GET /api/keys/get 200",
    "GET /api/keys/get 404",
    "HEAD /api/keys/get 200",
    "POST /api/keys/status 200",
    "POST /api/keys/:key/disable 200",
    // Answered like GET.
    "GET /api/keys 200",
  ]);
  for (const ms of recorder.times) expect(ms).toBeGreaterThanOrEqual(0);
});

it("count nothing for a caller that hung up before it was answered", async () => {
  const caller = rawCaller(server.url);
  const head = "Host: localhost\r\nContent-Type: application/json\r\nContent-Length: 9";
  caller.socket.write(`POST /api/keys HTTP/1.1\r\n${head}\r\n\r\n{`, () => caller.socket.destroy());
  await until(() => lines.some((line) => line.includes("client hung up")));
  expect(recorder.answers).toEqual([]);
});

it("count what is no route's together", async () => {
  await ask("/nowhere");
  await ask("/api/keys/get", { method: "DELETE" });
  await ask("/api/keys/%zz");
  await ask("/api/keys/get", { method: "OPTIONS", headers: { origin: "https://example.com" } });
  const { port } = new URL(server.url);
  await new Promise<void>((resolve, reject) => {
    const sent = request({ port, host: "127.0.0.1", method: "PROPFIND", path: "/x" }, (response) => {
      response.resume().on("end", resolve);
    });
    sent.on("error", reject).end();
  });
  expect(recorder.answers.map((line) => line.slice(0, -4))).toEqual(Array(5).fill("other other"));
  expect(recorder.answers.slice(0, 3)).toEqual(["other other 404", "other other 405", "other other 400"]);
});

it("are told as they are, and count that they were", async () => {
  const response = await ask("/metrics");
  expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([
    200,
    "text/plain; version=0.0.4",
    "up 1\n",
  ]);
  expect(response.headers.get("cache-control")).toBe("no-store");
  recorder.fault = new Error("no numbers");
  expect((await ask("/metrics")).status).toBe(500);
  expect(recorder.answers).toEqual(["GET /metrics 200", "GET /metrics 500"]);
});

it("are documented as text, for people and for programs", async () => {
  const document = (await (await ask("/api/openapi.json")).json()) as Json;
  const { get } = document.paths["/metrics"];
  expect(get.servers).toEqual([{ url: ".." }]);
  expect(get["x-role"]).toBe("viewer");
  expect(get.responses[200].content).toEqual({
    "text/plain": { schema: { type: "string" }, example: expect.stringContaining("# TYPE azure_key_pool_") },
  });
  const page = await (await ask("/api/docs", { headers: { accept: "text/html" } })).text();
  expect(page).toContain("<code>/metrics</code>");
  expect(page).not.toMatch(/undefined|\[object/);
});

it("are nowhere in an app that counts nothing", async () => {
  await server.close();
  server = await serve(undefined);
  expect((await ask("/metrics")).status).toBe(404);
  const document = (await (await ask("/api/openapi.json")).json()) as Json;
  expect(document.paths["/metrics"]).toBeUndefined();
});
