import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { createHttpApp, listen } from "../../../../src/adapters/http/index.ts";
import type { Ports } from "../../../../src/application/index.ts";
import {
  type Key,
  type KeyRepository,
  NEW_STANDING,
  storageUnavailable,
  type Usage,
} from "../../../../src/domain/index.ts";
import { until } from "../../../../src/testing/until.ts";
import { type Api, addKeys, openApi, secretOf } from "../open-api.ts";

/** A repository whose methods can be replaced once the pool is running. */
function breakable(ports: Ports): { readonly ports: Ports; readonly broken: Partial<KeyRepository> } {
  const broken: Partial<KeyRepository> = {};
  const keys = new Proxy(ports.keys, {
    get: (target, name: keyof KeyRepository) => broken[name] ?? target[name].bind(target),
  });
  return { ports: { ...ports, keys }, broken };
}

async function openBreakable(): Promise<{ api: Api; broken: Partial<KeyRepository> }> {
  let broken: Partial<KeyRepository> = {};
  const api = await openApi((sound) => {
    const wrapped = breakable(sound);
    broken = wrapped.broken;
    return wrapped.ports;
  });
  return { api, broken };
}

/** As a repository scans keys 1 to `count`. */
function keysOf(count: number, createdAtOf: (id: number) => number): readonly (Key & Usage)[] {
  return Array.from({ length: count }, (_, n) => ({
    id: n + 1,
    service: "speech" as const,
    secret: secretOf(n + 1),
    region: "eastasia",
    name: "",
    tag: null,
    maxInFlight: null,
    standing: NEW_STANDING,
    createdAt: createdAtOf(n + 1),
    placement: 0,
    usageCount: 0,
    errorCount: 0,
    lastUsedAt: null,
  }));
}

async function* scanOf(keys: readonly (Key & Usage)[]) {
  for (let start = 0; start < keys.length; start += 500) yield keys.slice(start, start + 500);
}

/** A scan that fails at its first page. */
function failing(thrown: unknown): KeyRepository["scan"] {
  return () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(thrown) }) });
}

describe("a storage that cannot take the write", () => {
  it("is answered 503 storage_unavailable with Retry-After, and its reason is logged", async () => {
    const { api, broken } = await openBreakable();
    broken.add = async () => {
      throw storageUnavailable(new Error(`no connection for ${secretOf(1)}`));
    };
    const { status, json, headers } = await api.post("/keys", { key: secretOf(1), region: "eastasia" });
    expect(status).toBe(503);
    expect(headers.get("retry-after")).toBe("1");
    expect(json).toEqual({
      success: false,
      error: "Storage is unavailable, try again later",
      code: "storage_unavailable",
    });
    expect(api.lines().at(-1)).toMatchObject({ level: 40, error: { message: "no connection for sekr***" } });
    await api.close();
  });
});

describe("a fault of our own", () => {
  it("is answered 500 internal without detail; the log has it under the same request id", async () => {
    const { api, broken } = await openBreakable();
    const fault = Object.assign(new TypeError("disk on fire"), { code: "EFIRE" });
    broken.scan = failing(new Error("cannot list", { cause: fault }));
    const { status, json, headers } = await api.get("/keys");
    expect(status).toBe(500);
    expect(json).toEqual({ success: false, error: "Internal error", code: "internal" });
    expect(api.lines().at(-1)).toMatchObject({
      level: 50,
      msg: "request failed",
      requestId: headers.get("x-request-id"),
      method: "GET",
      route: "/api/keys",
      status: 500,
      error: {
        type: "Error",
        message: "cannot list",
        stack: expect.stringContaining("cannot list"),
        cause: { type: "TypeError", message: "disk on fire", code: "EFIRE" },
      },
    });
    await api.close();
  });

  it("is logged with every secret of the request masked, wherever it stood", async () => {
    const { api, broken } = await openBreakable();
    await addKeys(api, 1);
    const odd = "odd/secret?&=1";
    broken.findBySecret = async (_service, secret) => {
      throw Object.assign(new Error(`query failed: '${secret}'`), { code: secret, cause: `with ${secret}` });
    };
    const answers = [
      await api.post(`/keys/${encodeURIComponent(odd)}/disable`),
      await api.send("DELETE", `/keys/${encodeURIComponent(odd)}`),
      await api.post("/keys/status", { key: odd, code: 200 }),
    ];
    broken.scan = failing(new Error(`no rows for tag ${odd} and key ${secretOf(1)}`));
    answers.push(await api.get(`/keys?tag=${encodeURIComponent(odd)}`));
    for (const { status, text } of answers) {
      expect(status).toBe(500);
      expect(text).not.toContain(odd);
    }
    expect(api.lines().filter(({ level }) => level === 50)).toHaveLength(4);
    expect(api.logged()).not.toContain(odd);
    expect(api.logged()).not.toContain(secretOf(1));
    await api.close();
  });

  it("that is no Error at all is answered and logged like any other", async () => {
    const { api, broken } = await openBreakable();
    const odd = Object.assign(new Error("odd"), { code: Object.create(null), message: {}, cause: [] });
    for (const thrown of ["a text", null, { toString: null }, undefined, 7, odd]) {
      broken.scan = failing(thrown);
      expect((await api.get("/keys")).status).toBe(500);
    }
    expect(api.lines().filter(({ level }) => level === 50)).toHaveLength(6);
    await api.close();
  });
});

describe("a fault in the middle of a long list", () => {
  /** A list whose key `badId` cannot be presented. */
  async function listWithBadKey(count: number, badId: number): Promise<Api> {
    const { api, broken } = await openBreakable();
    broken.scan = () => scanOf(keysOf(count, (id) => (id === badId ? Number.NaN : 0)));
    return api;
  }

  it("is a 500 as long as nothing has been sent", async () => {
    const api = await listWithBadKey(1200, 500);
    expect((await api.get("/keys")).json.code).toBe("internal");
    await api.close();
  });

  it("cuts the answer later, and is logged once under the request's id", async () => {
    const api = await listWithBadKey(1200, 700);
    await expect(api.get("/keys")).rejects.toThrow("terminated");
    await until(() => api.logged().includes("answer not sent"));
    await api.close();
    const faults = api.lines().filter(({ level }) => level === 50);
    expect(faults).toMatchObject([
      { msg: "answer not sent", requestId: expect.any(String), route: "/api/keys" },
    ]);
  });
});

it("a request that was answered by somebody around the app costs no other its hand-out", async () => {
  const api = await openApi();
  await addKeys(api, 1);
  const logged: string[] = [];
  const log = pino({}, { write: (line) => void logged.push(line) });
  const ours = createHttpApp({ pool: api.pool, clock: api.clock, log, version: "1" }).callback();
  const around = (req: IncomingMessage, res: ServerResponse) => {
    ours(req, res);
    if (req.headers["x-too-late"]) res.writeHead(504).end();
  };
  const server = await listen({ callback: () => around });
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  // In one packet, so that both are handed out in one turn of the event loop.
  const ask = (header: string) => `GET /api/keys/get HTTP/1.1\r\nHost: localhost\r\n${header}\r\n`;
  let answered = "";
  socket.on("data", (data) => {
    answered += data;
  });
  socket.write(ask("X-Too-Late: 1\r\n") + ask(""));
  await until(() => answered.includes("Key retrieved successfully"));
  expect(answered.match(/HTTP\/1.1 \d+/g)).toEqual(["HTTP/1.1 504", "HTTP/1.1 200"]);
  expect(logged.join("")).toContain("answer not sent");
  await server.close();
  await api.close();
});

describe("a caller that hangs up", () => {
  it("in the middle of a long list is no error", async () => {
    const { api, broken } = await openBreakable();
    // More than the socket takes, so that the answer waits for its reader.
    const keys = keysOf(60_000, () => 0);
    broken.scan = () => scanOf(keys);
    const socket = connect(Number(new URL(api.url).port), "127.0.0.1");
    socket.write("GET /api/keys HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await once(socket, "data");
    socket.pause();
    socket.resetAndDestroy();
    await until(() => api.logged().includes("client hung up"));
    await api.close();
    expect(api.lines().filter(({ level }) => level >= 40)).toEqual([]);
    expect(api.logged().split("client hung up")).toHaveLength(2);
  });

  it.each<[string, (socket: Socket) => void]>([
    ["with a reset", (socket) => socket.resetAndDestroy()],
    ["by closing", (socket) => socket.destroy()],
    ["with no more to say", (socket) => socket.end()],
  ])("while its body is coming, %s, is no error", async (_, hangUp) => {
    const api = await openApi();
    const socket = connect(Number(new URL(api.url).port), "127.0.0.1");
    socket.write(
      "POST /api/keys HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{",
    );
    socket.write(" ", () => hangUp(socket));
    await until(() => api.logged().includes("client hung up"));
    expect(api.lines().filter(({ level }) => level >= 40)).toEqual([]);
    await api.close();
  });

  it("while its answer is being made is no error", async () => {
    const { api, broken } = await openBreakable();
    let asked = false;
    let answer = () => {};
    const waiting = new Promise<void>((resolve) => {
      answer = resolve;
    });
    broken.scan = async function* () {
      asked = true;
      await waiting;
      yield [];
    };
    const socket = connect(Number(new URL(api.url).port), "127.0.0.1");
    let gone = false;
    socket.on("close", () => {
      gone = true;
    });
    socket.write("GET /api/keys HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await until(() => asked);
    socket.resetAndDestroy();
    await until(() => gone);
    answer();
    await until(() => api.lines().length > 0);
    expect(api.lines().filter(({ level }) => level >= 40)).toEqual([]);
    await api.close();
  });
});
