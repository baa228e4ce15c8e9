import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { logAnswer } from "../../../../src/adapters/http/server/access-log.ts";
import type { RequestContext } from "../../../../src/adapters/http/server/request-context.ts";
import { type Api, addKeys, openApi, secretOf } from "../open-api.ts";

let api: Api;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

it("writes no line for a hot request that succeeds", async () => {
  await addKeys(api, 1);
  const before = api.lines().length;
  for (let time = 0; time < 5; time++) {
    expect((await api.get("/keys/get")).status).toBe(200);
    expect((await api.post("/keys/status", { key: secretOf(1), code: 200 })).status).toBe(200);
  }
  expect(api.lines()).toHaveLength(before);
});

it("writes one line for any other, with its route instead of its path", async () => {
  await addKeys(api, 1);
  const { headers } = await api.post(`/keys/${secretOf(1)}/disable`);
  expect(api.lines().at(-1)).toMatchObject({
    level: 30,
    requestId: headers.get("x-request-id"),
    method: "POST",
    route: "/api/keys/:key/disable",
    status: 200,
    ms: expect.any(Number),
  });
});

it("writes a line for a hot request that fails", async () => {
  await api.get("/keys/get");
  expect(api.lines().at(-1)).toMatchObject({ route: "/api/keys/get", status: 404 });
});

it("knows no route for what it does not serve", async () => {
  await api.get(`/nope/${secretOf(1)}`);
  expect(api.lines().at(-1)).toMatchObject({ route: null, status: 404 });
});

it("writes a warning for a slow request, hot or not", () => {
  const written: string[] = [];
  const log = pino({}, { write: (line: string) => void written.push(line) });
  const state = { requestId: "slow-1", route: "/api/keys/get", logged: "seldom" };
  const ctx = { status: 200, method: "GET", state } as RequestContext;
  logAnswer(log, ctx, 999, undefined);
  expect(written).toEqual([]);
  logAnswer(log, ctx, 1234.56, undefined);
  expect(JSON.parse(written[0] ?? "")).toMatchObject({ level: 40, msg: "slow request", ms: 1234.6 });
});

it("writes of a health check that found nothing at debug, for monitors ask every few seconds", async () => {
  await api.get("/health");
  expect(api.lines().at(-1)).toMatchObject({ level: 20, route: "/api/health", status: 200 });
  await api.get("/health?verbose=1");
  expect(api.lines().at(-1)).toMatchObject({ level: 30, route: "/api/health", status: 400 });
});
