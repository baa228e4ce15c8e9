import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type SynthesisOutcome, verdictOf } from "../../../../src/domain/index.ts";
import { type Api, addKeys, openApi, secretOf } from "../open-api.ts";
import { rawCaller, requestText, until } from "../raw-caller.ts";

const AT_A_TIME = 10;
const IN_LINE = 1_000;
/** Requests on one connection, all begun before the first is answered. */
const PIPELINED = 10;
const REQUEST = requestText("POST", "/api/keys/test", { key: secretOf(1), region: "eastasia" });

let api: Api;
let begun: number;
/** Connections that the server has seen close. */
let closed: number;
let open: ((outcome: SynthesisOutcome) => void)[];

beforeEach(async () => {
  begun = 0;
  open = [];
  const synthesize = () => {
    begun += 1;
    return new Promise<SynthesisOutcome>((resolve) => open.push(resolve));
  };
  const speechProbe = { synthesize, recognize: () => Promise.reject(new Error("not asked here")) };
  api = await openApi((ports) => ({ ...ports, speechProbe }));
  await addKeys(api, 1);
  // On a busy machine those who wait in line come slowly.
  await api.pool.settings.save({ name: "probe_timeout_seconds", value: "120" });
  closed = 0;
  api.server.server.on("connection", (socket) =>
    socket.on("close", () => {
      closed += 1;
    }),
  );
});
afterEach(async () => {
  answerAll();
  await api.close();
});

function answerAll(): void {
  for (const answer of open.splice(0)) answer({ verdict: verdictOf({ kind: "works" }), audioSize: 1 });
}

function callers(count: number, requests = 1) {
  return Array.from({ length: count }, () => {
    const caller = rawCaller(api.url);
    caller.socket.write(REQUEST.repeat(requests));
    return caller;
  });
}

it("1,000 tests wait in line; the next is busy, and a hand-out is answered", async () => {
  const asked = vi.spyOn(api.pool.testKey, "execute");
  const waiting = callers((AT_A_TIME + IN_LINE) / PIPELINED, PIPELINED);
  await until(() => asked.mock.calls.length === AT_A_TIME + IN_LINE);
  const [next] = callers(1);
  await until(() => next?.statuses().length === 1);
  expect(next?.statuses()).toEqual([503]);
  expect(next?.received()).toContain("Retry-After: 1\r\n");
  expect(next?.received()).toContain('"code":"busy"');
  expect(waiting.flatMap((caller) => caller.statuses())).toEqual([]);
  expect(begun).toBe(AT_A_TIME);
  expect((await api.get("/keys/get")).status).toBe(200);
  for (const caller of [...waiting, next]) caller?.socket.destroy();
});

it("callers that hang up leave the line", async () => {
  const waiting = callers(100);
  await until(() => begun === AT_A_TIME);
  for (const { socket } of waiting) socket.resetAndDestroy();
  await until(() => closed === waiting.length);
  answerAll();
  await new Promise(setImmediate);
  expect(begun).toBe(AT_A_TIME);
  const next = api.post("/keys/test", { key: secretOf(1), region: "eastasia" });
  await until(() => begun === AT_A_TIME + 1);
  answerAll();
  expect((await next).status).toBe(200);
});

it("2,000 tests on one connection that hangs up stop no hand-out, and what was unread never begins", async () => {
  const caller = rawCaller(api.url);
  caller.socket.write(REQUEST.repeat(2000));
  await until(() => begun === AT_A_TIME);
  expect((await api.get("/keys/get")).status).toBe(200);
  caller.socket.resetAndDestroy();
  await caller.closed;
  while (open.length > 0) {
    answerAll();
    await new Promise(setImmediate);
  }
  // The hang-up of a connection that is not read shows when its first answers are written.
  const atHangUp = begun;
  expect(atHangUp).toBeLessThanOrEqual(64);
  const next = api.post("/keys/test", { key: secretOf(1), region: "eastasia" });
  await until(() => begun === atHangUp + 1);
  answerAll();
  expect((await next).status).toBe(200);
  expect(begun).toBe(atHangUp + 1);
});
