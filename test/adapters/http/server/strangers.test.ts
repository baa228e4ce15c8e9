import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Route, route } from "../../../../src/adapters/http/index.ts";
import { askRaw } from "../ask-raw.ts";
import { type Api, openApi } from "../open-api.ts";
import { rawCaller, requestText, until } from "../raw-caller.ts";

const MINUTE_MS = 60_000;

let api: Api;
let token: string;
/** Which of those that may be asked by anyone were asked, by whom. */
let order: string[];

const asked: Route = route({
  method: "GET",
  path: "/api/asked",
  tag: "Test",
  summary: "Notes who asks",
  role: "anyone",
  answers: { 204: { description: "Noted" } },
  failures: [],
  handler: (ctx) => {
    order.push(ctx.state.caller?.name ?? "a stranger");
    ctx.status = 204;
  },
});

beforeEach(async () => {
  order = [];
  api = await openApi(undefined, [asked]);
  token = (await api.pool.access?.create({ name: "good", role: "client" }))?.text ?? "";
});
afterEach(() => api.close());

const withToken = (path: string, text = token) =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${text}\r\n\r\n`;

/** Sends one request after the other on one connection, each when the one before has been answered. */
async function inTurn(texts: readonly string[]) {
  const caller = rawCaller(api.url);
  for (const [n, text] of texts.entries()) {
    caller.socket.write(text);
    await until(() => caller.statuses().length === n + 1);
  }
  return caller;
}

describe("a connection of strangers", () => {
  const refused = requestText("GET", "/api/keys");

  it("is closed after eight refusals, which the last of them says", async () => {
    const caller = await inTurn(new Array(7).fill(refused));
    expect(caller.received()).not.toContain("Connection: close");
    caller.socket.write(refused);
    await caller.closed;
    expect(caller.statuses()).toEqual(new Array(8).fill(401));
    expect(caller.received().split("Connection: close")).toHaveLength(2);
    expect(caller.received()).toMatch(/"code":"unauthorized"\}$/);
  });

  it("is closed with what stands behind in its pipeline, unanswered", async () => {
    const caller = rawCaller(api.url);
    caller.socket.write(refused.repeat(1000));
    await caller.closed;
    expect(caller.statuses().length).toBeLessThanOrEqual(8);
  });

  it("serves who comes with a good token in between", async () => {
    const bad = withToken("/api/keys/stats", "guess");
    const good = withToken("/api/keys/get");
    const caller = await inTurn([bad, bad, good, refused, bad, good]);
    expect(caller.statuses()).toEqual([401, 401, 404, 401, 401, 404]);
    caller.socket.destroy();
  });

  it("is closed at once when too many bad tokens came from its address, which hinders no good one", async () => {
    const attempt = () => askRaw(api.url, "GET", "/api/keys", ["Authorization: Bearer guess"]);
    for (let n = 0; n < 10; n++) expect((await attempt()).status).toBe(401);
    const caller = rawCaller(api.url);
    caller.socket.write(withToken("/api/keys", "guess"));
    await caller.closed;
    expect(caller.statuses()).toEqual([429]);
    expect(caller.received()).toMatch(/"code":"too_many_attempts"\}$/);
    const good = await inTurn(new Array(20).fill(withToken("/api/keys/get")));
    expect(good.statuses()).toEqual(new Array(20).fill(404));
    good.socket.destroy();
  });
});

it("a good caller goes ahead of strangers that came before", async () => {
  const strangers = Array.from({ length: 50 }, () => rawCaller(api.url));
  const good = rawCaller(api.url);
  const all = [...strangers, good];
  // Connections are accepted one after the other, so each is used once before.
  for (const { socket } of all) socket.write(requestText("GET", "/api/asked"));
  await until(() => all.every((caller) => caller.statuses().length === 1));
  order = [];
  for (const { socket } of strangers) socket.write(requestText("GET", "/api/asked"));
  good.socket.write(withToken("/api/asked"));
  await until(() => order.length === 51);
  expect(order.indexOf("good")).toBeLessThan(50);
  for (const { socket } of all) socket.destroy();
});

it("strangers that hang up while they wait are forgotten, and the next is answered", async () => {
  const strangers = Array.from({ length: 50 }, () => rawCaller(api.url));
  for (const { socket } of strangers) socket.write(requestText("GET", "/api/asked"));
  await until(() => order.length > 0);
  for (const { socket } of strangers) socket.destroy();
  expect((await askRaw(api.url, "GET", "/api/asked")).status).toBe(204);
  expect(api.lines().filter(({ level }) => level > 30)).toEqual([]);
});

it("refusals are logged ten times for an address and minute", async () => {
  const refusals = () => api.lines().filter(({ status }) => status === 401).length;
  const askTwelveTimes = async () => {
    for (let n = 0; n < 12; n++) expect((await askRaw(api.url, "GET", "/api/keys")).status).toBe(401);
  };
  await askTwelveTimes();
  expect(refusals()).toBe(10);
  api.clock.advance(MINUTE_MS);
  await askTwelveTimes();
  expect(refusals()).toBe(20);
});
