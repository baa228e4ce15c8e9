import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createHttpApp } from "../../../../src/adapters/http/index.ts";
import { askRaw } from "../ask-raw.ts";
import { type Api, openApi } from "../open-api.ts";
import { type RawCaller, rawCaller, requestText, until } from "../raw-caller.ts";

const MINUTE_MS = 60_000;
const PAGE = "https://keys.example.com";
const GUESS = "Authorization: Bearer guess";
const BAD = requestText("GET", "/api/keys");
const TOO_MANY = "too many strangers wait, the next are refused at once";

let api: Api;
let token: string;
let answered: [string, number][];
let fault: Error | undefined;

beforeEach(() => open());
afterEach(() => api.close());

async function open(corsOrigins: readonly string[] = []): Promise<void> {
  answered = [];
  fault = undefined;
  const note = (what: string, status: number) => {
    if (fault) throw fault;
    answered.push([what, status]);
  };
  const metrics = {
    route: (path: string) => (status: number) => note(path, status),
    tokenRefused: (reason: string) => note(reason, 0),
    scrape: () => Promise.reject(new Error("Nobody asks")),
  };
  api = await openApi(undefined, [], { metrics, corsOrigins });
  token = (await api.pool.access?.create({ name: "good", role: "viewer" }))?.text ?? "";
}

/** What comes back on a connection of its own, without what differs from answer to answer. */
async function answerTo(method: string, path: string, ...lines: string[]): Promise<string> {
  const caller = rawCaller(api.url);
  caller.socket.write(withLines(requestText(method, path), lines));
  // Not before: who ends his side while his answer waits for its time has hung up, and is neither answered nor counted.
  caller.socket.once("data", () => caller.socket.end());
  await caller.closed;
  const [head = "", body] = caller.received().replace("\r\nvary:", "\r\nVary:").split("\r\n\r\n");
  const [status, ...headers] = head.split("\r\n").filter((line) => !/^(Date|X-Request-Id):/.test(line));
  return [status, ...headers.toSorted(), body].join("\n");
}

async function refused(times: number, ...lines: string[]): Promise<void> {
  for (let n = 0; n < times; n++) await answerTo("GET", "/api/keys", ...lines);
}

describe("a stranger whose address has been refused ten times in a minute", () => {
  it.each([
    ["GET", "/api/keys", []],
    ["HEAD", "/api/keys/get?region=eastasia", []],
    ["POST", "/api/upload/create-keys", ["Content-Type: application/json", "Content-Length: 30000000"]],
    ["DELETE", "/nothing", []],
  ] as const)("is answered %s %s as before", async (method, path, lines) => {
    const before = await answerTo(method, path, ...lines);
    expect(before).toContain("HTTP/1.1 401");
    await refused(10);
    expect(await answerTo(method, path, ...lines)).toBe(before);
  });

  it.each([
    ["the page of an origin that may read answers", [`Origin: ${PAGE}`]],
    ["another page", ["Origin: https://other.example"]],
    ["a program", []],
  ])("is answered by rote and as before where %s asks of a server with such origins", async (_, lines) => {
    await api.close();
    await open([PAGE]);
    const before = await answerTo("GET", "/api/keys", ...lines);
    expect(before).toContain("Vary: Origin");
    await refused(12);
    expect(await answerTo("GET", "/api/keys", ...lines)).toBe(before);
    const preflight = [`Origin: ${PAGE}`, "Access-Control-Request-Method: GET"];
    expect(await answerTo("OPTIONS", "/api/keys", ...preflight)).toContain("HTTP/1.1 204");
    const crowd = await crowdOfStrangers(...lines);
    for (const { socket } of crowd) socket.destroy();
  });

  it("is told the same of bad tokens, too", async () => {
    await refused(10, GUESS);
    const looked = await answerTo("GET", "/api/keys", GUESS);
    expect(looked).toContain("HTTP/1.1 429");
    expect(looked).toContain("Retry-After: 60");
    expect(await answerTo("GET", "/api/keys", GUESS)).toBe(looked);
  });

  it("is counted, and noted no more", async () => {
    await refused(15);
    expect(answered).toEqual(new Array(15).fill(["other", 401]));
    expect(api.lines().filter(({ status }) => status === 401)).toHaveLength(10);
    answered = [];
    await refused(12, GUESS);
    expect(answered.filter(([what]) => what === "malformed")).toHaveLength(12);
    expect(api.lines().filter(({ msg }) => msg === "a token was refused")).toHaveLength(1);
  });

  it("may do what anyone may, keeps nobody out who has a good token, and is looked at again in a minute", async () => {
    await refused(15);
    expect((await askRaw(api.url, "GET", "/api/health")).status).toBe(200);
    expect((await askRaw(api.url, "GET", "/api/keys", [`Authorization: Bearer ${token}`])).status).toBe(200);
    api.clock.advance(MINUTE_MS);
    await refused(1);
    expect(api.lines().filter(({ status }) => status === 401)).toHaveLength(11);
  });

  describe("while no time passes", () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout"] }));
    afterEach(() => void vi.useRealTimers());

    it("is answered at once, for the last time on his connection, when too many wait already", async () => {
      const crowd = await crowdOfStrangers();
      answered = [];
      const [stranger, mixed] = [rawCaller(api.url), rawCaller(api.url)];
      stranger.socket.write(BAD);
      await stranger.closed;
      expect(stranger.statuses()).toEqual([401]);
      expect(stranger.received()).toContain("Connection: close");
      expect(answered).toContainEqual(["other", 401]);
      // What stands ahead of such a refusal is answered all the same.
      mixed.socket.write(good("GET", "/api/keys/stats") + BAD);
      await mixed.closed;
      expect(mixed.statuses()).toEqual([200, 401]);
      for (const { socket } of crowd) socket.destroy();
    });

    it("is warned of once in a minute when too many wait", async () => {
      const crowd = await crowdOfStrangers();
      const late = rawCaller(api.url);
      late.socket.write(BAD);
      await late.closed;
      const warnings = api.lines().filter(({ level, msg }) => level === 40 && msg === TOO_MANY);
      expect(warnings).toHaveLength(1);
      for (const { socket } of crowd) socket.destroy();
    });

    it("is passed over when the program around the app has answered already", async () => {
      const { pool, clock } = api;
      const app = createHttpApp({ pool, clock, log: pino({ level: "silent" }), version: "1" }).callback();
      const waiting: ServerResponse[] = [];
      const server = createServer((req, res) => {
        waiting.push(res);
        void app(req, res);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const callers: RawCaller[] = [];
      for (let n = 0; n < 15; n++) {
        const caller = rawCaller(url);
        caller.socket.write(BAD);
        callers.push(caller);
        await until(() => waiting.length === n + 1);
      }
      // The last have to wait for their time, which does not come.
      await until(() => waiting.filter(({ headersSent }) => headersSent).length >= 12);
      const [impatient, patient] = [waiting.at(-2), callers.at(-1)];
      impatient?.writeHead(503).end();
      vi.advanceTimersByTime(1);
      vi.advanceTimersByTime(1);
      await until(() => patient?.statuses().length === 1);
      expect(patient?.statuses()).toEqual([401]);
      await until(() => callers.at(-2)?.statuses().length === 1);
      expect(callers.at(-2)?.statuses()).toEqual([503]);
      for (const { socket } of callers) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    });
  });

  it("is answered also where counting fails, and the fault is logged", async () => {
    await refused(12);
    fault = new Error("The metrics are down");
    expect(await answerTo("GET", "/api/keys")).toContain("HTTP/1.1 401");
    expect(api.lines().at(-1)).toMatchObject({ level: 50, error: { message: "The metrics are down" } });
    fault = undefined;
    expect(await answerTo("GET", "/api/keys")).toContain("HTTP/1.1 401");
  });

  it("is answered 500, as before, where counting his bad token fails", async () => {
    await refused(12, GUESS);
    fault = new Error("The metrics are down");
    expect(await answerTo("GET", "/api/keys", GUESS)).toContain("HTTP/1.1 500");
  });
});

/** More than may wait, of strangers who have been refused too often. */
async function crowdOfStrangers(...lines: string[]): Promise<RawCaller[]> {
  await refused(12);
  const crowd = Array.from({ length: 30 }, () => rawCaller(api.url));
  for (const { socket } of crowd) socket.write(withLines(BAD, lines).repeat(32));
  await until(() => api.lines().some(({ msg }) => msg === TOO_MANY));
  return crowd;
}

function good(method: string, path: string): string {
  return withLines(requestText(method, path), [`Authorization: Bearer ${token}`]);
}

function withLines(request: string, lines: readonly string[]): string {
  return request.replace("\r\n\r\n", `\r\n${[...lines, "", ""].join("\r\n")}`);
}
