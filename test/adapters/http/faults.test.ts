import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import type { Ports } from "../../../src/application/index.ts";
import { type KeyRepository, storageUnavailable } from "../../../src/domain/index.ts";
import { type Api, addKeys, openApi, secretOf } from "./open-api.ts";

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

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error("The condition was not met within 5 s");
    await new Promise((resolve) => setImmediate(resolve));
  }
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
    broken.list = async () => {
      throw new Error("cannot list", { cause: fault });
    };
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
    broken.list = async () => {
      throw new Error(`no rows for tag ${odd} and key ${secretOf(1)}`);
    };
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
      broken.list = () => Promise.reject(thrown);
      expect((await api.get("/keys")).status).toBe(500);
    }
    expect(api.lines().filter(({ level }) => level === 50)).toHaveLength(6);
    await api.close();
  });
});

describe("a caller that hangs up", () => {
  it("while its body is coming is no error", async () => {
    const api = await openApi();
    const socket = connect(Number(new URL(api.url).port), "127.0.0.1");
    socket.write(
      "POST /api/keys HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{",
    );
    socket.write(" ", () => socket.resetAndDestroy());
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
    broken.list = async () => {
      asked = true;
      await waiting;
      return { keys: [], total: 0 };
    };
    const socket = connect(Number(new URL(api.url).port), "127.0.0.1");
    let gone = false;
    socket.on("close", () => {
      gone = true;
    });
    socket.write("GET /api/keys HTTP/1.1\r\nHost: x\r\n\r\n");
    await until(() => asked);
    socket.resetAndDestroy();
    await until(() => gone);
    answer();
    await until(() => api.lines().length > 0);
    expect(api.lines().filter(({ level }) => level >= 40)).toEqual([]);
    await api.close();
  });
});
