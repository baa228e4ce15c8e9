import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { type CloseEvent, WebSocket, WebSocketServer } from "ws";
import { azureCodeIn } from "../../../src/adapters/client/index.ts";

/** As the headers of `axios` and `node-fetch`, which are no `Headers` of the platform. */
class OtherHeaders {
  readonly #value: string | null;

  constructor(value: string | null) {
    this.#value = value;
  }

  get(name: string): string | null {
    return name.toLowerCase() === "retry-after" ? this.#value : null;
  }
}

const failed = (properties: object) => Object.assign(new Error("refused"), properties);

describe("how long Azure asks to wait", () => {
  it.each([
    ["a response of fetch", new Response(null, { status: 429, headers: { "Retry-After": "7" } })],
    [
      "a response of node-fetch",
      { [Symbol.toStringTag]: "Response", status: 429, headers: new OtherHeaders("7") },
    ],
    [
      "an error of axios, which bears the status itself, and its response the headers",
      failed({ status: 429, response: { status: 429, headers: new OtherHeaders("7") } }),
    ],
    [
      "an error of axios whose headers are an object",
      failed({ response: { status: 429, headers: { "retry-after": "7" } } }),
    ],
    ["an error of undici", failed({ statusCode: 429, headers: { "retry-after": ["7", "8"] } })],
    ["an error whose headers have capitals", failed({ statusCode: 429, headers: { "RETRY-After": "7" } })],
    ["an error whose headers have a number", failed({ statusCode: 429, headers: { "retry-after": 7 } })],
    [
      "an error of Azure's SDK",
      failed({ statusCode: 429, response: { status: 429, headers: new OtherHeaders("7") } }),
    ],
  ])("is read from %s", (_, outcome) => {
    expect(azureCodeIn(outcome)).toEqual({ code: 429, retryAfter: "7" });
  });

  it.each([
    [undefined],
    [null],
    ["retry-after: 7"],
    [{ "retry-after": "soon" }],
    [{ "retry-after": null }],
    [{ get: "7" }],
    [new OtherHeaders(null)],
    [new OtherHeaders("0.5")],
  ])("is nothing that %j holds", (headers) => {
    expect(azureCodeIn(failed({ status: 429, headers }))).toEqual({ code: 429 });
  });
});

describe("what cannot be read", () => {
  const throwing = () => {
    throw new Error("unreadable");
  };
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();

  it.each([
    ["headers that throw when they are asked", failed({ headers: { get: throwing } })],
    [
      "headers with a value that throws",
      failed({ headers: Object.defineProperty({}, "retry-after", { get: throwing, enumerable: true }) }),
    ],
    ["headers that are gone", failed({ headers: revoked })],
    ["a property that throws", Object.defineProperty(failed({}), "headers", { get: throwing })],
    ["a response that is gone", failed({ response: revoked })],
  ])("keeps nothing else from being read: %s", (_, error) => {
    expect(azureCodeIn(Object.assign(error, { status: 429 }))).toEqual({ code: 429 });
  });

  it.each([
    ["an error whose status throws", Object.defineProperty(failed({}), "status", { get: throwing })],
    ["an object whose tag throws", Object.defineProperty({}, Symbol.toStringTag, { get: throwing })],
    ["an object that is gone", revoked],
  ])("says nothing and throws nothing: %s", (_, outcome) => {
    expect(azureCodeIn(outcome)).toBeUndefined();
  });
});

describe("the close of a WebSocket", () => {
  it.each([
    [4429, "", 429],
    [4401, "", 401],
    [1007, "Quota exceeded. Cid: ", 429],
  ])("of the package ws with %d %j is known", async (code, reason, status) => {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    onTestFinished(() => server.close());
    server.on("connection", (socket) => socket.close(code, reason));
    await once(server, "listening");
    const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const closed = await new Promise<CloseEvent>((resolve) => {
      socket.onclose = resolve;
    });
    expect(azureCodeIn(closed)).toEqual({ code: status });
  });

  it.each([
    [{ code: 429 }],
    [{ code: 4429 }],
    [{ code: 4429, wasClean: "yes" }],
    [{ code: "4429", wasClean: true }],
    [{ code: 429, wasClean: true }],
    [{ code: 1000, wasClean: true, reason: "" }],
    [{ wasClean: true }],
    [{ status: 429, headers: { "retry-after": "7" } }],
  ])("is not %j, nor any other answer of Azure's", (outcome) => {
    expect(azureCodeIn(outcome)).toBeUndefined();
  });
});
