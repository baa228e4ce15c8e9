import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import Koa from "koa";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createHttpApp } from "../../../../src/adapters/http/index.ts";
import { type Api, addKeys, type Json, openApi, secretOf } from "../open-api.ts";

type Parsed = IncomingMessage & { body?: unknown };

let api: Api;
let logged: string[];
let outer: Server | undefined;

beforeEach(async () => {
  api = await openApi();
  await addKeys(api, 1);
  logged = [];
});
afterEach(async () => {
  outer?.closeAllConnections();
  outer?.close();
  await api.close();
});

const app = () => {
  const log = pino({}, { write: (line) => void logged.push(line) });
  return createHttpApp({ pool: api.pool, clock: api.clock, log, version: "1" });
};

/** Serves the app behind something that gets each request first. */
async function behind(before: (req: Parsed) => Promise<void>): Promise<string> {
  const ours = app().callback();
  return serving(async (req, res) => {
    await before(req);
    await ours(req, res);
  });
}

async function serving(handle: (req: IncomingMessage, res: ServerResponse) => void): Promise<string> {
  outer = createServer(handle).listen(0, "127.0.0.1");
  await once(outer, "listening");
  return `http://127.0.0.1:${(outer.address() as AddressInfo).port}/api`;
}

async function post(url: string, body: string | undefined, type = "application/json") {
  const headers = body === undefined ? {} : { "content-type": type };
  const answer = await fetch(url, { method: "POST", headers, ...(body !== undefined && { body }) });
  return { status: answer.status, json: (await answer.json()) as Json };
}

const REPORT = JSON.stringify({ key: secretOf(1), code: 200 });
const textOf = async (req: IncomingMessage) => Buffer.concat(await req.toArray()).toString();

describe("behind a body parser", () => {
  it.each<[string, (text: string) => unknown]>([
    ["the parsed body", (text) => JSON.parse(text)],
    ["its text", (text) => text],
    ["its bytes", (text) => Buffer.from(text)],
  ])("that leaves %s in req.body, it is taken from there", async (_, left) => {
    const url = await behind(async (req) => {
      req.body = left(await textOf(req));
    });
    expect(await post(`${url}/keys/status`, REPORT)).toMatchObject({ status: 200, json: { success: true } });
    const bad = await post(`${url}/keys`, JSON.stringify({ key: "short" }));
    expect(bad.json.details).toMatchObject([{ field: "key" }, { field: "region" }]);
    const rows = JSON.stringify({ jsonData: [{ key: secretOf(2), region: "eastasia" }] });
    expect((await post(`${url}/upload/create-keys`, rows)).status).toBe(201);
  });

  it("that leaves it in ctx.request.body, it is taken from there", async () => {
    const around = new Koa();
    const inner = app();
    around.use(async (ctx, next) => {
      (ctx.request as { body?: unknown }).body = JSON.parse(await textOf(ctx.req));
      await next();
    });
    for (const middleware of inner.middleware) around.use(middleware as Koa.Middleware);
    const url = await serving(around.callback());
    expect((await post(`${url}/keys/status`, REPORT)).status).toBe(200);
  });

  it("that passes over what it does not know and leaves {}, the body is read as ever", async () => {
    const url = await behind(async (req) => {
      req.body = {};
    });
    const answer = await post(`${url}/keys/status`, REPORT, "application/vnd.api+json");
    expect(answer.status).toBe(200);
  });

  it("that leaves nothing, a request is answered at once and the log says why", async () => {
    const url = await behind(async (req) => {
      await textOf(req);
    });
    const { status, json } = await post(`${url}/keys/status`, REPORT);
    expect([status, json.code]).toEqual([500, "internal"]);
    expect(logged.join("")).toContain("body was read before it came to the key pool's app");
  });

  it("a request without a body is answered as ever", async () => {
    const url = await behind(async (req) => {
      req.body = {};
    });
    expect((await post(`${url}/keys/1/disable`, undefined)).status).toBe(200);
  });
});
