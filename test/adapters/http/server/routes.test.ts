import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import {
  httpRoutes,
  ROLES,
  type Route,
  route,
  succeed,
  success,
} from "../../../../src/adapters/http/index.ts";
import { schemaOf } from "../../../../src/adapters/http/server/answer-schemas.ts";
import { type Api, openApi } from "../open-api.ts";
import { rawCaller } from "../raw-caller.ts";

let api: Api;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

const routesOf = ({ pool, clock }: Api) => httpRoutes({ pool, clock, log: undefined as never, version: "1" });

describe("every route", () => {
  it("says who may call it", () => {
    const roles = new Map(routesOf(api).map(({ method, path, role }) => [`${method} ${path}`, role]));
    for (const role of roles.values()) expect(ROLES).toContain(role);
    expect(roles.get("GET /api/keys/get")).toBe("client");
    expect(roles.get("GET /api/keys")).toBe("viewer");
    expect(roles.get("POST /api/translation/keys")).toBe("operator");
    expect(roles.get("PUT /api/config/:key")).toBe("admin");
    expect(roles.get("GET /api/health")).toBe("anyone");
  });

  it("refuses a query parameter that it does not know, and names it", async () => {
    const { text = "" } = (await api.pool.access?.create({ name: "root", role: "admin" })) ?? {};
    for (const { method, path } of routesOf(api).filter(({ path }) => path !== "/")) {
      const where = `${path.slice("/api".length).replace(":key", "1")}?regoin=westus`;
      const { status, json, headers } = await api.send(method, where, undefined, { "x-api-key": text });
      expect([method, path, status]).toEqual([method, path, 400]);
      if (method === "HEAD") continue;
      expect(json.details).toContainEqual({ field: "regoin", message: "is not known" });
      expect(headers.get("content-type")).toContain("json");
    }
  });

  it("repeats no unknown parameter that may be a secret in the wrong place", async () => {
    const secret = "0123456789abcdef0123456789abcdef";
    const { text, json } = await api.get(`/keys?${secret}=1`);
    expect(json.details).toEqual([{ field: "query", message: "has parameters that are not known" }]);
    expect(text + api.logged()).not.toContain(secret);
  });

  it("answers at exactly its path", async () => {
    for (const path of ["/Keys/get", "/keys/get/", "/keys//get", "/KEYS", "/keys/1/Enable", "/docs/"]) {
      const { status, json } = await api.get(path);
      expect([path, status, json.code]).toEqual([path, 404, "not_found"]);
    }
  });
});

describe("a target that is a whole URL", () => {
  async function ask(target: string): Promise<string> {
    const caller = rawCaller(api.url);
    caller.socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    await caller.closed;
    return caller.received();
  }

  it.each([
    "http://[::/api/keys/get",
    "http://[::/",
    "http://a b/api/health",
    "http://:99999/api/health",
    "http://%zz/api/health",
    "http://localhost//a@[#",
  ])("is 400 when its host is broken: %s", async (target) => {
    const answer = await ask(target);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  it.each([
    ["http://localhost/api/health", 200],
    ["http://[::1]:80/api/keys/stats", 200],
    ["https://localhost/api/keys/get?region=westus", 404],
    ["http://localhost/api/keys?regoin=1", 400],
    ["http://localhost", 200],
    ["http://localhost/api/nope", 404],
  ])("is its path and query otherwise: %s answers %i", async (target, status) => {
    expect(await ask(target)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(api.lines().filter(({ level }) => level >= 40)).toEqual([]);
  });
});

it.each([
  "//a@[#",
  "//a@b/api/keys#x",
  "/\\\\a@[#",
  "/api/health#",
  "/api/keys?page=1#2",
  "/api/keys/get?tag=a#b",
  "http://localhost/api/health#a",
])("a target with a fragment is 400: %s", async (target) => {
  const caller = rawCaller(api.url);
  caller.socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  await caller.closed;
  expect(caller.statuses()).toEqual([400]);
  expect(caller.received()).toMatch(/(path|query): must have no fragment/);
});

describe("further routes", () => {
  const greet = route({
    method: "POST",
    path: "/api/greetings/:key",
    tag: "Greetings",
    summary: "Greet somebody",
    description: "By name.",
    role: "viewer",
    key: "Who is greeted",
    query: z.object({ loud: z.enum(["yes", "no"]).exactOptional() }),
    body: z.object({ word: z.string() }),
    example: { word: "hello" },
    answers: { 200: { description: "The greeting", schema: success(z.string()) } },
    failures: ["payload_too_large", "unsupported_media_type"],
    handler: (ctx, { query: { loud }, body: { word } }) => {
      const greeting = `${word}, ${ctx.params?.key}`;
      succeed(ctx, loud === "yes" ? greeting.toUpperCase() : greeting, "Greeted");
    },
  });

  async function openWith(...further: Route[]): Promise<void> {
    await api.close();
    api = await openApi(undefined, further);
  }

  it("are served, checked, logged and documented like the API's own", async () => {
    await openWith(greet);
    const greeted = await api.post("/greetings/ann?loud=yes", { word: "hello" });
    expect(greeted.json).toEqual({ success: true, data: "HELLO, ANN", message: "Greeted" });
    expect(api.lines().at(-1)).toMatchObject({ route: "/api/greetings/:key", status: 200 });
    const bad = await api.post("/greetings/ann?laud=yes", {});
    expect(bad.json.details).toEqual([{ field: "laud", message: "is not known" }]);
    expect((await api.post("/greetings/ann", {})).json.details).toEqual([
      { field: "word", message: "is required" },
    ]);
    const { headers } = await api.get("/greetings/ann");
    expect(headers.get("allow")).toBe("POST, OPTIONS");
    const document = (await api.get("/openapi.json")).json;
    expect(document.paths["/greetings/{key}"].post).toMatchObject({
      tags: ["Greetings"],
      "x-role": "viewer",
    });
  });

  it("may be hot", async () => {
    const ping = route({
      method: "GET",
      path: "/api/ping",
      tag: "Greetings",
      summary: "Ping",
      description: "Pongs.",
      role: "anyone",
      answers: { 200: { description: "Pong", schema: success(z.literal("pong")) } },
      failures: [],
      hot: true,
      logged: "seldom",
      handler: (ctx) => succeed(ctx, "pong", "Ponged"),
    });
    await openWith(ping);
    expect((await api.get("/ping")).json.data).toBe("pong");
    expect(api.lines()).toEqual([]);
    expect((await api.get("/ping?x=1")).status).toBe(400);
  });

  it("cannot take the place of a route that is there", async () => {
    const again = { ...greet, path: "/api/keys" };
    await expect(openWith(again)).rejects.toThrow("There are two routes POST /api/keys");
    api = await openApi();
  });
});

it("a schema that says something else than the type of its answer does not compile", () => {
  interface Answer {
    readonly id: number;
    readonly tag: string | null;
    readonly note?: string;
    readonly rows: readonly { readonly n: number }[];
  }
  const id = z.int();
  const tag = z.string().nullable();
  const rows = z.array(z.strictObject({ n: z.int() }));
  const note = z.string().exactOptional();
  const of = schemaOf<Answer>();
  of(z.strictObject({ id, tag, note, rows }));
  // @ts-expect-error one field is missing
  of(z.strictObject({ id, tag, rows }));
  // @ts-expect-error one field is missing
  of(z.strictObject({ id, note, rows }));
  // @ts-expect-error one field is more
  of(z.strictObject({ id, tag, note, rows, more: id }));
  // @ts-expect-error one field is never null
  of(z.strictObject({ id, tag: z.string(), note, rows }));
  // @ts-expect-error one field is always there
  of(z.strictObject({ id, tag, note: z.string(), rows }));
  // @ts-expect-error the rows have another field
  of(z.strictObject({ id, tag, note, rows: z.array(z.strictObject({ n: id, more: id })) }));
});

it("a handler that answers something else than its route promises does not compile", () => {
  const contract = {
    method: "GET",
    path: "/api/greetings",
    tag: "Greetings",
    summary: "Greet",
    description: "In one word.",
    role: "viewer",
    answers: { 200: { description: "The greeting", schema: success(z.strictObject({ word: z.string() })) } },
    failures: [],
  } satisfies Partial<Route>;
  route({ ...contract, handler: (ctx) => succeed(ctx, { word: "hello" }, "Greeted") });
  // @ts-expect-error one field is missing
  route({ ...contract, handler: (ctx) => succeed(ctx, {}, "Greeted") });
  // @ts-expect-error one field is more
  route({ ...contract, handler: (ctx) => succeed(ctx, { word: "hello", more: 1 }, "Greeted") });
  // @ts-expect-error one field is no text
  route({ ...contract, handler: (ctx) => succeed(ctx, { word: 1 }, "Greeted") });
});

it("a route that tells nothing of itself, or takes a body and shows none, does not compile", () => {
  const contract = {
    method: "POST",
    path: "/api/greetings",
    tag: "Greetings",
    summary: "Greet",
    role: "viewer",
    answers: { 200: { description: "The greeting", schema: success(z.string()) } },
    failures: [],
  } satisfies Partial<Route>;
  const handler: Route["answer"] = () => {};
  const body = z.object({ word: z.string() });
  const description = "In one word.";
  route({ ...contract, handler, description });
  route({ ...contract, handler, description, body, example: { word: "hello" } });
  // @ts-expect-error a body without an example
  route({ ...contract, handler, description, body });
  // @ts-expect-error no description
  route({ ...contract, handler });
});
