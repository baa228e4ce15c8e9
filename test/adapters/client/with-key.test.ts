import { createServer, type RequestListener } from "node:http";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import {
  ApiError,
  type HandedOutKey,
  type KeyAttempt,
  KeyPoolClient,
  type KeyPoolClientOptions,
  NoKeyError,
} from "../../../src/adapters/client/index.ts";
import { type KeySource, withKey } from "../../../src/adapters/client/with-key.ts";
import { until } from "../../../src/testing/until.ts";
import { type Api, openApi, secretOf } from "../http/open-api.ts";

const POOL = { service: "speech" } as const;

let api: Api;
let client: KeyPoolClient;
let lost: unknown[];
let waited: number[];
let used: KeyAttempt[];

beforeEach(async () => {
  lost = [];
  waited = [];
  used = [];
  api = await openApi();
  client = clientOf();
  await addKeys(1);
});
afterEach(() => api.close());

function clientOf(options: KeyPoolClientOptions = {}): KeyPoolClient {
  return new KeyPoolClient({
    baseUrl: `${api.url}/api`,
    onLostReport: (error) => lost.push(error),
    hooks: { onKeyUsed: (use) => void used.push(use) },
    random: () => 0,
    now: () => api.clock.now(),
    wait: async (ms) => {
      waited.push(ms);
      api.clock.advance(ms);
    },
    ...options,
  });
}

async function addKeys(count: number): Promise<void> {
  for (let n = 1; n <= count; n++) {
    await client.addKey("speech", { key: secretOf(n), region: "eastasia" }).catch(() => {});
  }
}

const statusOf = async (id: number) => (await client.showKey("speech", id)).status;
const codes = () => used.map(({ code }) => code);
const answering =
  (...statuses: number[]) =>
  async () =>
    new Response(null, { status: statuses.shift() ?? 200 });
const throwing = () => {
  throw new Error("unreadable");
};
const failing = (properties: object) => () => Promise.reject(Object.assign(new Error("refused"), properties));

describe("using a key", () => {
  it("answers what the call returns, and reports its status", async () => {
    const seen: HandedOutKey[] = [];
    const response = await client.withKey(POOL, async (key) => {
      seen.push(key);
      return new Response("spoken");
    });
    expect(await response.text()).toBe("spoken");
    expect(seen).toMatchObject([{ id: 1, key: secretOf(1) }]);
    expect(used).toEqual([{ id: 1, region: "eastasia", attempt: 1, code: 200 }]);
    expect((await client.listLogs("speech", { action: "set_status" })).logs).toMatchObject([
      { status_code: 200 },
    ]);
  });

  it.each([["an answer"], [{ status: 404, data: [] }], [{ statusCode: 401 }], [null]])(
    "takes %j for a success: it is the caller's own, whatever is in it",
    async (outcome) => {
      expect(await client.withKey(POOL, async () => outcome)).toBe(outcome);
      expect(codes()).toEqual([200]);
    },
  );

  it("knows the response of another fetch than the built-in one by its tag", async () => {
    const other = { status: 401, [Symbol.toStringTag]: "Response" };
    await expect(client.withKey(POOL, async () => other)).rejects.toThrow(NoKeyError);
    expect(await statusOf(1)).toBe("disabled");
  });

  it("reads the code as it is told to", async () => {
    const codeOf = (outcome: unknown) => ({ code: (outcome as { readonly error: number }).error });
    await client.withKey(POOL, async () => ({ error: 500 }), { codeOf });
    expect(codes()).toEqual([500]);
  });

  it("reports what a thrown error bears and throws it on, where the key is not to blame", async () => {
    await expect(client.withKey(POOL, failing({ status: 500 }))).rejects.toThrow("refused");
    await expect(client.withKey(POOL, failing({ response: { status: 503 } }))).rejects.toThrow("refused");
    expect(codes()).toEqual([500, 503]);
  });

  it.each([[{}], [{ status: 0 }], [{ code: "ECONNRESET" }], [{ code: 1006 }], [{ response: "none" }]])(
    "reports nothing for an error with %j, which is not Azure's answer",
    async (properties) => {
      await expect(client.withKey(POOL, failing(properties))).rejects.toThrow("refused");
      expect(codes()).toEqual([undefined]);
      expect((await client.listLogs("speech")).logs).toMatchObject([{ action: "add_key" }]);
    },
  );

  it("throws on what the call throws, also where that cannot be read", async () => {
    const fault = new Error("refused");
    Object.defineProperty(fault, "status", { get: throwing });
    await expect(client.withKey(POOL, () => Promise.reject(fault))).rejects.toBe(fault);
    expect(codes()).toEqual([undefined]);
  });

  it.each([
    ["what it returns", async () => "an answer", "an answer"],
    ["what it throws", failing({ status: 500 }), "refused"],
  ])("ends with %s also when the report is lost, and tells of that", async (_, call, end) => {
    const ended = client.withKey<string>(POOL, async () => {
      await api.close();
      return call();
    });
    expect(await ended.catch(({ message }) => message)).toBe(end);
    expect(lost).toMatchObject([{ code: "unreachable" }]);
  });

  it("gives the key back and reports it whatever a hook throws, and ends with what the call returns", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    onTestFinished(() => warned.mockRestore());
    const fault = new Error("a hook");
    const fail = () => {
      throw fault;
    };
    const hooks: KeyPoolClientOptions["hooks"] = {
      onKeyUsed: fail,
      onCall: ({ method }) => (method === "POST" ? fail() : fail),
    };
    const failing = clientOf({ hooks });
    expect(await failing.withKey(POOL, async () => "done")).toBe("done");
    expect(api.pool.measure().leases).toEqual([]);
    expect((await failing.listLogs("speech", { action: "set_status" })).total).toBe(1);
    await until(() => warned.mock.calls.length > 0);
    expect(new Set(warned.mock.calls.flat())).toEqual(
      new Set(["A hook of the key pool's client failed:", fault]),
    );
  });

  it("ends well also where a hook or who is told of a lost report rejects later", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    onTestFinished(() => warned.mockRestore());
    const reject = async () => Promise.reject(new Error("later"));
    const rejecting = clientOf({ hooks: { onKeyUsed: reject }, onLostReport: reject });
    const ended = rejecting.withKey(POOL, async () => {
      await api.close();
      return "done";
    });
    expect(await ended).toBe("done");
    await until(() => warned.mock.calls.length === 2);
  });

  it("says nothing about a key whose call was ended by the caller", async () => {
    const ending = new AbortController();
    const call = (_: HandedOutKey, signal: AbortSignal) => {
      ending.abort(new Error("enough"));
      return Promise.reject(Object.assign(signal.reason, { status: 401 }));
    };
    await expect(client.withKey(POOL, call, { signal: ending.signal })).rejects.toThrow("enough");
    expect(await statusOf(1)).toBe("enabled");
  });
});

describe("a key that is to blame", () => {
  it.each([
    ["a response of 429", answering(429), "cooldown"],
    ["a response of 401", answering(401), "disabled"],
    ["an error of 403", failing({ statusCode: 403 }), "disabled"],
    ["a WebSocket closed with 4429", failing({ code: 4429 }), "cooldown"],
    [
      "a WebSocket closed because of throttling",
      failing({ code: 1007, reason: "Quota exceeded. Cid: " }),
      "cooldown",
    ],
  ])("is reported after %s, and another one is used", async (_, first, status) => {
    await addKeys(2);
    let calls = 0;
    const answer = await client.withKey<unknown>(POOL, () =>
      ++calls === 1 ? first() : Promise.resolve("done"),
    );
    expect(answer).toBe("done");
    expect(used.map(({ id, attempt }) => [id, attempt])).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect([await statusOf(1), await statusOf(2)]).toEqual([status, "enabled"]);
  });

  it("is the last when as many have been tried as may be, and the error says when to come back", async () => {
    await addKeys(3);
    const cause = Object.assign(new Error("refused"), { status: 401 });
    const error = await client
      .withKey(POOL, () => Promise.reject(cause), { attempts: 2 })
      .catch((error) => error);
    expect(error).toBeInstanceOf(NoKeyError);
    expect(error).toMatchObject({ reason: "refused", code: 401, retryAfterSeconds: 1, cause });
    expect(await statusOf(3)).toBe("enabled");
  });

  it("is not the reason for any other code: no further key is tried", async () => {
    await addKeys(2);
    expect((await client.withKey(POOL, answering(404))).status).toBe(404);
    expect((await client.withKey(POOL, answering(500))).status).toBe(500);
    expect(used.map(({ attempt }) => attempt)).toEqual([1, 1]);
  });

  it.each(["1, 1", "0.5", "-1", "30s", "soon"])(
    "is reported also where Azure sends %j as Retry-After",
    async (value) => {
      const throttled = async () => new Response(null, { status: 429, headers: { "Retry-After": value } });
      await expect(client.withKey(POOL, throttled, { attempts: 1 })).rejects.toMatchObject({ code: 429 });
      expect(await statusOf(1)).toBe("cooldown");
      expect(lost).toEqual([]);
    },
  );

  it("is waited for when it is the only one, protected, and refused again", async () => {
    await client.report("speech", { key: secretOf(1), code: 429 });
    api.clock.advance(300_000);
    const call = answering(429, 429, 200);
    const random = () => 1;
    expect((await clientOf({ random }).withKey(POOL, call, { waitMs: 250 })).status).toBe(200);
    expect(waited).toEqual([250]);
    expect(codes()).toEqual([429, 429, 200]);
  });
});

describe("without a key", () => {
  const call = () => Promise.reject(new Error("called"));

  it("calls nothing and says why, and when to come back", async () => {
    const none = await client.withKey({ service: "translation" }, call).catch((error) => error);
    expect(none).toMatchObject({ name: "NoKeyError", reason: "no-key", retryAfterSeconds: undefined });
    await client.report("speech", { key: secretOf(1), code: 429 });
    const cooling = await client.withKey(POOL, call).catch((error) => error);
    expect(cooling).toMatchObject({ reason: "all-cooling", retryAfterSeconds: 300 });
    expect(waited).toEqual([]);
  });

  it("waits when asked to, for as long as asked", async () => {
    await client.report("speech", { key: secretOf(1), code: 429 });
    const waiting = (waitMs: number) => client.withKey(POOL, async () => "x", { waitMs });
    await expect(waiting(299_999)).rejects.toMatchObject({ retryAfterSeconds: 300 });
    expect(waited).toEqual([]);
    expect(await waiting(300_000)).toBe("x");
    expect(waited).toEqual([300_000]);
  });

  it("stops waiting with its signal", async () => {
    await client.report("speech", { key: secretOf(1), code: 429 });
    const ending = new AbortController();
    const wait = async () => ending.abort(new Error("enough"));
    const waiting = clientOf({ wait }).withKey(POOL, call, { waitMs: 1e9, signal: ending.signal });
    await expect(waiting).rejects.toThrow("enough");
  });
});

describe("the signal of the client", () => {
  it("is handed to the call, and the key is given back and reported without it", async () => {
    await client.updateKey("speech", 1, { max_in_flight: 1 });
    const ending = new AbortController();
    const ended = client.with({ signal: ending.signal }).withKey(POOL, async (_, signal) => {
      ending.abort(new Error("enough"));
      return new Response(null, { status: signal.aborted ? 429 : 200 });
    });
    await expect(ended).rejects.toThrow("enough");
    expect(lost).toEqual([]);
    expect(api.pool.measure().leases).toEqual([]);
    expect(await statusOf(1)).toBe("cooldown");
  });

  it("ends as well as that of the call", async () => {
    const [ofClient, ofCall] = [new AbortController(), new AbortController()];
    const use = async (_: HandedOutKey, signal: AbortSignal) => {
      const seen = signal.aborted;
      ofCall.abort(new Error("enough"));
      expect([seen, signal.aborted]).toEqual([false, true]);
      throw signal.reason;
    };
    const ended = client.with({ signal: ofClient.signal }).withKey(POOL, use, { signal: ofCall.signal });
    await expect(ended).rejects.toThrow("enough");
    expect(api.pool.measure().leases).toEqual([]);
  });

  it("ends waiting", async () => {
    await client.report("speech", { key: secretOf(1), code: 429 });
    const ending = new AbortController();
    const wait = async () => ending.abort(new Error("enough"));
    const waiting = clientOf({ wait, signal: ending.signal }).withKey(POOL, async () => "x", { waitMs: 1e9 });
    await expect(waiting).rejects.toThrow("enough");
  });
});

describe("a server that is away", () => {
  /** What answers first, so many times, on a port where nobody listens afterwards. */
  async function away(
    answer: RequestListener = () => {},
  ): Promise<{ url: string; port: number; end(): Promise<void> }> {
    const server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { readonly port: number };
    const end = async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    };
    return { url: `http://127.0.0.1:${port}/api`, port, end };
  }
  const refusing =
    (code: string, seconds: number, asked: string[] = []): RequestListener =>
    ({ method, url }, res) => {
      asked.push(`${method} ${url}`);
      res.writeHead(503, { "retry-after": String(seconds) });
      res.end(JSON.stringify({ success: false, error: "away", code }));
    };
  const call = async () => "done";

  it("is waited for while nobody listens, for as long as asked", async () => {
    const { url, end } = await away();
    await end();
    const waiting = clientOf({ baseUrl: url, random: () => 1 }).withKey(POOL, call, { waitMs: 2_000 });
    await expect(waiting).rejects.toMatchObject({ code: "unreachable", retryAfterSeconds: undefined });
    // Growing pauses, the last of them up to the end.
    expect(waited).toEqual([250, 500, 1_000, 250]);
  });

  it("is found as soon as it is back", async () => {
    const { url, port, end } = await away();
    await end();
    let back: Api | undefined;
    const wait = async () => {
      back ??= await openApi(undefined, [], { listen: { port } });
      await back.pool.addKey.execute({ service: "speech", secret: secretOf(1), region: "eastasia" });
    };
    const waiting = clientOf({ baseUrl: url, wait }).withKey(POOL, call, { waitMs: 60_000 });
    expect(await waiting).toBe("done");
    await back?.close();
  });

  it.each(["storage_unavailable", "busy"])(
    "is waited for as long as it asks when it says %s",
    async (code) => {
      const asked: string[] = [];
      const { url, end } = await away(refusing(code, 2, asked));
      const ofBusy = clientOf({ baseUrl: url, random: () => 0.5 });
      const error = await ofBusy.withKey(POOL, call, { waitMs: 5_000 }).catch((error) => error);
      expect(error).toBeInstanceOf(ApiError);
      expect(error).toMatchObject({ code, retryAfterSeconds: 2 });
      // 2 s and a part of a growing pause each time; a third time would be too late.
      expect(waited).toEqual([2_125, 2_250]);
      expect(asked).toEqual(Array(3).fill("POST /api/leases"));
      await end();
    },
  );

  it("is asked once where nobody is willing to wait, and the error says when to come back", async () => {
    const asked: string[] = [];
    const { url, end } = await away(refusing("busy", 7, asked));
    const once = clientOf({ baseUrl: url }).withKey(POOL, call);
    await expect(once).rejects.toMatchObject({ code: "busy", retryAfterSeconds: 7 });
    expect([asked.length, waited]).toEqual([1, []]);
    await end();
  });

  it("is asked a last time at the end of the time, however the clock goes on meanwhile", async () => {
    const { url, end } = await away();
    await end();
    let now = 0;
    const wait = async (ms: number) => {
      waited.push(ms);
      now += ms;
    };
    const ticking = clientOf({ baseUrl: url, random: () => 1, now: () => now++, wait });
    const waiting = ticking.withKey(POOL, call, { waitMs: 2_000 });
    await expect(waiting).rejects.toMatchObject({ code: "unreachable" });
    expect(waited).toHaveLength(4);
    expect(now).toBeGreaterThan(2_000);
  });

  it("is not asked again for a lease where a proxy answered 503, which may have passed it on", async () => {
    const asked: unknown[] = [];
    const { url, end } = await away((req, res) => {
      asked.push(req.url);
      res.writeHead(503).end("upstream connect error or disconnect/reset before headers");
    });
    const refused = clientOf({ baseUrl: url, random: () => 1 }).withKey(POOL, call, { waitMs: 60_000 });
    await expect(refused).rejects.toMatchObject({ code: "unexpected_answer", httpStatus: 503 });
    expect([asked, waited]).toEqual([["/api/leases"], []]);
    await end();
  });

  it("is not asked again for a lease that it may have given", async () => {
    const asked: unknown[] = [];
    const { url, end } = await away((req) => {
      asked.push(req.url);
      req.socket.destroy();
    });
    const cut = clientOf({ baseUrl: url }).withKey(POOL, call, { waitMs: 60_000 });
    await expect(cut).rejects.toMatchObject({ code: "unreachable" });
    expect([asked, waited]).toEqual([["/api/leases"], []]);
    await end();
  });
});

describe("a lease", () => {
  it("holds the key while the call runs, and is given back with its code", async () => {
    await client.updateKey("speech", 1, { max_in_flight: 1 });
    const busy = await client.withKey(POOL, async () => {
      return client.withKey(POOL, async () => "never").catch((error) => error);
    });
    expect(busy).toMatchObject({ name: "NoKeyError", reason: "all-busy", retryAfterSeconds: 60 });
    expect(await client.withKey(POOL, async () => "again")).toBe("again");
  });

  it("is waited for in turn", async () => {
    await client.updateKey("speech", 1, { max_in_flight: 1 });
    const done = Promise.withResolvers<void>();
    const first = client.withKey(POOL, () => done.promise);
    await until(() => api.pool.measure().leases.length > 0);
    const second = client.withKey(POOL, async () => "second", { waitMs: 20_000 });
    await until(() => api.pool.measure().waiting === 1);
    done.resolve();
    await first;
    expect(await second).toBe("second");
  });

  it("is renewed while the call runs, and given back without a word when it failed by itself", async () => {
    await client.updateKey("speech", 1, { max_in_flight: 1 });
    const renewals: string[] = [];
    const hooks: KeyPoolClientOptions["hooks"] = {
      onCall: ({ path }) => void (path.endsWith("/renew") && renewals.push(path)),
    };
    const call = () => until(() => renewals.length >= 2).then(() => Promise.reject(new Error("broken")));
    await expect(clientOf({ hooks }).withKey(POOL, call, { leaseSeconds: 1 })).rejects.toThrow("broken");
    expect(await client.withKey(POOL, async () => "free")).toBe("free");
  });

  it("is renewed and released by itself, and released twice changes nothing", async () => {
    const leasing = await client.lease({ service: "speech", ttl_seconds: 30 });
    if (leasing.status !== "leased") throw new Error(leasing.status);
    expect(leasing).toMatchObject({ key: { id: 1 }, expires_at: "2026-01-01T00:00:30.000Z" });
    const { lease_id } = leasing;
    expect(await client.renewLease(lease_id)).toEqual({ lease_id, expires_at: "2026-01-01T00:01:00.000Z" });
    expect(await client.releaseLease(lease_id, { code: 429, retry_after: 30 })).toMatchObject({
      action: "cooldown",
    });
    expect(await client.releaseLease(lease_id, { code: 401 })).toBeNull();
    expect(await statusOf(1)).toBe("cooldown");
    await expect(client.renewLease(lease_id)).rejects.toMatchObject({ code: "lease_not_found" });
  });

  it("is given back when the code cannot be read", async () => {
    await client.updateKey("speech", 1, { max_in_flight: 1 });
    const codeOf = () => {
      throw new Error("unreadable");
    };
    await expect(client.withKey(POOL, async () => "x", { codeOf })).rejects.toThrow("unreadable");
    expect(await client.withKey(POOL, async () => "free")).toBe("free");
  });

  it("that others hold is asked for again and again, for it may be given back at any time", async () => {
    const busy = new NoKeyError("all-busy", { retryAfterSeconds: 3_600 });
    const asks: number[] = [];
    const source: KeySource = {
      take: async (waitMs) => {
        asks.push(waitMs);
        return busy;
      },
      backoffMs: (failures) => failures * 1_000,
      lost: () => {},
      wait: async (ms) => api.clock.advance(ms),
      now: () => api.clock.now(),
    };
    await expect(withKey(source, async () => "x", { waitMs: 5_000 })).rejects.toBe(busy);
    expect(asks).toEqual([5_000, 4_000, 2_000]);
  });

  it("that has run out meanwhile keeps nothing from the pool: what Azure said is reported", async () => {
    const call = async () => {
      api.clock.advance(61_000);
      return new Response(null, { status: 401 });
    };
    await expect(client.withKey(POOL, call)).rejects.toMatchObject({ reason: "no-key" });
    expect(await statusOf(1)).toBe("disabled");
  });

  it("that was given back, though the answer was lost, is not reported a second time", async () => {
    const { fetch } = globalThis;
    const asked: (string | undefined)[] = [];
    const lossy = vi.spyOn(globalThis, "fetch").mockImplementation(async (url, init) => {
      const response = await fetch(url, init);
      asked.push(String(url).split("/").at(-1));
      if (asked.length === 2) throw new TypeError("cut off");
      return response;
    });
    onTestFinished(() => lossy.mockRestore());
    await expect(client.withKey(POOL, answering(401), { attempts: 1 })).rejects.toMatchObject({ code: 401 });
    expect(asked).toEqual(["leases", "release", "release"]);
    expect(await statusOf(1)).toBe("disabled");
    expect(lost).toEqual([]);
  });

  it("is done without where the server has none", async () => {
    const old = await openApi(({ leases: _, ...ports }) => ports);
    const asked: string[] = [];
    const hooks: KeyPoolClientOptions["hooks"] = { onCall: ({ path }) => void asked.push(path) };
    let now = 0;
    const ofOld = new KeyPoolClient({ baseUrl: `${old.url}/api`, hooks, now: () => now });
    await ofOld.addKey("speech", { key: secretOf(1), region: "eastasia" });
    asked.length = 0;
    for (const n of [1, 2]) expect(await ofOld.with({ retries: 0 }).withKey(POOL, async () => n)).toBe(n);
    expect(asked).toEqual(["/leases", "/keys/get", "/keys/status", "/keys/get", "/keys/status"]);
    // It may have been replaced by one that has them.
    now = 600_000;
    expect(await ofOld.withKey(POOL, async () => "later")).toBe("later");
    expect(asked.slice(5)).toEqual(["/leases", "/keys/get", "/keys/status"]);
    await old.close();
  });
});
