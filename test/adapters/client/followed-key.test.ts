import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import {
  type ConnectionOptions,
  type FollowedKey,
  type FollowOptions,
  KeyPoolClient,
} from "../../../src/adapters/client/index.ts";
import { until } from "../../../src/testing/until.ts";
import { type Api, openApi, secretOf } from "../http/open-api.ts";

const POOL = { service: "speech", region: "eastasia" } as const;

let api: Api;
let sockets: Socket[];
let waited: number[];
let followed: FollowedKey[];

beforeEach(async () => {
  api = await openApi();
  sockets = [];
  waited = [];
  followed = [];
  api.server.server.on("connection", (socket) => sockets.push(socket));
});
afterEach(async () => {
  for (const key of followed) key.close();
  await api.close();
});

function follow(options: FollowOptions = {}, connection: ConnectionOptions = {}): FollowedKey {
  const client = new KeyPoolClient({
    baseUrl: `${api.url}/api`,
    wait: async (ms) => void waited.push(ms),
    ...connection,
  });
  const key = client.followKey(POOL, options);
  followed.push(key);
  return key;
}

/** A proxy that answers in its own words as often as it is told to, and then as the server does. */
async function proxy(...answers: ((res: ServerResponse) => void)[]): Promise<string> {
  const server = createServer(async ({ url }, res) => {
    const answer = answers.shift();
    if (answer) return answer(res);
    const { body, headers } = await fetch(`${api.url}${url}`);
    res.writeHead(200, Object.fromEntries(headers));
    for await (const piece of body ?? []) res.write(piece);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
}

const html = (status: number) => (res: ServerResponse) =>
  res.writeHead(status, { "content-type": "text/html" }).end("<h1>nginx</h1>");

const shortStream = (res: ServerResponse) =>
  res.writeHead(200, { "content-type": "text/event-stream" }).end();

const addKey = (n: number) =>
  api.pool.addKey.execute({ service: "speech", region: "eastasia", secret: secretOf(n) });
const report = (n: number, code: number) =>
  api.pool.reportCode.execute({ service: "speech", secret: secretOf(n), code });

describe("a followed key", () => {
  it("is the one to use now, and another as soon as that one rests", async () => {
    await addKey(1);
    await addKey(2);
    const key = follow();
    expect(await key.key()).toMatchObject({ id: 1, key: secretOf(1) });
    await report(1, 429);
    await until(() => key.current?.id === 2);
    expect(key.state).toMatchObject({ status: "key", key: { id: 2 } });
  });

  it("is none while all rest, and says until when; who waits is answered when there is one", async () => {
    await addKey(1);
    await report(1, 429);
    const key = follow();
    await until(() => key.state.status === "none");
    expect(key.state).toEqual({ status: "none", availableAt: "2026-01-01T00:05:00.000Z" });
    const waiting = key.key();
    await api.pool.enableKey.execute("speech", "1");
    expect(await waiting).toMatchObject({ id: 1 });
  });

  it("stays the same when the connection is lost and made again", async () => {
    await addKey(1);
    await addKey(2);
    const seen: unknown[] = [];
    const key = follow({
      onChange: (state) => seen.push(state.status === "key" ? state.key.id : state.status),
    });
    await key.key();
    const before = sockets.length;
    for (const socket of sockets) socket.destroy();
    await until(() => sockets.length > before && seen.length === 2);
    expect(key.current?.id).toBe(1);
    expect(seen).toEqual([1, 1]);
  });

  it("stays while the server is away, and nobody who has it is told of a fault", async () => {
    await addKey(1);
    const key = follow();
    await key.key();
    await api.close();
    await until(() => waited.length >= 3);
    expect(await key.key()).toMatchObject({ id: 1 });
    // Each pause may be longer than the one before.
    expect(waited.length).toBeLessThan(10_000);
  });

  it("gets over a proxy that answers in the server's place for a while", async () => {
    await addKey(1);
    const baseUrl = await proxy(html(404), html(502), html(200), html(403));
    const key = follow({}, { baseUrl });
    expect(await key.key()).toMatchObject({ id: 1 });
    expect(waited).toHaveLength(4);
  });

  it.each([502, 503, 408, 429])("gets over a proxy that says %i, however often", async (status) => {
    await addKey(1);
    const key = follow({}, { baseUrl: await proxy(...Array(20).fill(html(status))) });
    expect(await key.key()).toMatchObject({ id: 1 });
    expect(waited).toHaveLength(20);
  });

  it("gets over any answer of a proxy, however often, once it has been connected", async () => {
    await addKey(1);
    const key = follow({}, { baseUrl: await proxy(shortStream, ...Array(20).fill(html(404))) });
    expect(await key.key()).toMatchObject({ id: 1 });
    expect(waited).toHaveLength(21);
  });

  it("is followed where a stream cannot be iterated over, as in Safari", async () => {
    const prototype = ReadableStream.prototype as { [Symbol.asyncIterator]?: unknown };
    const iterator = Object.getOwnPropertyDescriptor(prototype, Symbol.asyncIterator);
    delete prototype[Symbol.asyncIterator];
    onTestFinished(() => void Object.defineProperty(prototype, Symbol.asyncIterator, iterator ?? {}));
    await addKey(1);
    await addKey(2);
    const key = follow();
    expect(await key.key()).toMatchObject({ id: 1 });
    await report(1, 429);
    await until(() => key.current?.id === 2);
    expect(waited).toEqual([]);
    key.close();
    await until(() => sockets.every(({ destroyed }) => destroyed));
  });

  it("tells the hooks of each connection, and of each pause before the next", async () => {
    await addKey(1);
    const told: unknown[] = [];
    const hooks: ConnectionOptions["hooks"] = {
      onCall: (call) => {
        told.push(call);
        return ({ httpStatus, error }) => void told.push([httpStatus, error?.code]);
      },
      onRetry: ({ error, delayMs, ...call }) => void told.push([call, error.code, delayMs]),
    };
    const baseUrl = await proxy(html(404));
    const key = follow({}, { baseUrl, hooks, random: () => 0.5 });
    await key.key();
    const call = { method: "GET", path: "/keys/watch", attempt: 1 };
    expect(told).toEqual([
      call,
      [404, "unexpected_answer"],
      [call, "unexpected_answer", 1_000],
      { ...call, attempt: 2 },
      [200, undefined],
    ]);
  });

  it("tells its states to who iterates, the newest only to who is slow", async () => {
    await addKey(1);
    const key = follow();
    await key.key();
    const states: unknown[] = [];
    for await (const state of key) {
      states.push(state.status);
      if (state.status === "none") break;
      await report(1, 401);
    }
    expect(states).toEqual(["key", "none"]);
  });
});

describe("the end of a followed key", () => {
  it("comes with its closing: who waits is told, and the connection ends", async () => {
    const key = follow();
    await until(() => key.state.status === "none");
    const waiting = key.key();
    key.close();
    await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
    await expect(key.key()).rejects.toMatchObject({ name: "AbortError" });
    await until(() => sockets.every(({ destroyed }) => destroyed));
  });

  it("comes with its signal", async () => {
    const ending = new AbortController();
    const key = follow({ signal: ending.signal });
    ending.abort(new Error("enough"));
    await expect(key.key()).rejects.toThrow("enough");
  });

  it("comes with the signal of its client", async () => {
    const ending = new AbortController();
    const key = follow({}, { signal: ending.signal });
    await until(() => key.state.status === "none");
    ending.abort(new Error("enough"));
    await expect(key.key()).rejects.toThrow("enough");
    await until(() => sockets.every(({ destroyed }) => destroyed));
  });

  it("does not come with the signal of one who waits", async () => {
    const key = follow();
    const ending = new AbortController();
    const waiting = key.key(ending.signal);
    ending.abort(new Error("tired"));
    await expect(waiting).rejects.toThrow("tired");
    await addKey(1);
    expect(await key.key()).toMatchObject({ id: 1 });
  });

  it.each([200, 302, 401, 404])(
    "comes when somebody else answers %i again and again before the first connection, as at a wrong address",
    async (httpStatus) => {
      await addKey(1);
      const key = follow({}, { baseUrl: await proxy(...Array(20).fill(html(httpStatus))) });
      await expect(key.key()).rejects.toMatchObject({ code: "unexpected_answer", httpStatus });
      expect(waited).toHaveLength(4);
    },
  );

  it("comes when the server refuses for good, and says why", async () => {
    await api.pool.access?.create({ name: "one", role: "admin" });
    const key = follow({}, { token: "akp_wrong" });
    await expect(key.key()).rejects.toMatchObject({ name: "ApiError" });
    expect(key.state).toMatchObject({ status: "ended" });
  });
});
