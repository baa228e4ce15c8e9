import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { httpRoutes, type Route } from "../../../src/adapters/http/index.ts";
import type { Access } from "../../../src/application/index.ts";
import type { NewTokenFields } from "../../../src/domain/index.ts";
import { isLongRun } from "../../situations/long-run.ts";
import { askRaw, type RawAnswer, readAnswer } from "./ask-raw.ts";
import { type Api, addKeys, openApi, secretOf } from "./open-api.ts";
import { rawCaller } from "./raw-caller.ts";

const MINUTE_MS = 60_000;

let api: Api;
let access: Access;
let routes: readonly Route[];
let admin: string;

beforeEach(async () => {
  api = await openApi();
  await addKeys(api, 2);
  access = api.pool.access as Access;
  routes = httpRoutes({ pool: api.pool, clock: api.clock, log: undefined as never, version: "1" });
  admin = await tokenOf({ role: "admin" });
});
afterEach(() => api.close());

async function tokenOf(fields: Partial<NewTokenFields>): Promise<string> {
  return (await access.create({ name: "test", role: "viewer", ...fields })).text;
}

const bearer = (token: string) => `Authorization: Bearer ${token}`;
const targetOf = ({ path }: Pick<Route, "path">) => path.replace(/:\w+/, "1");
const named = (route: Route, what: string, { status, code }: RawAnswer) =>
  `${what}: ${route.method} ${route.path} ${status} ${code ?? ""}`;
/** So many bad tokens come from one address here that each needs a minute of its own. */
const ask = (method: string, target: string, lines: readonly string[] = [], body = "") => {
  api.clock.advance(MINUTE_MS);
  return askRaw(api.url, method, target, lines, body);
};

/** What each of the roles may, besides what anyone may. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  client: ["any role", "client"],
  viewer: ["any role", "viewer"],
  operator: ["any role", "viewer", "operator"],
  admin: ["any role", "client", "viewer", "operator", "admin"],
};

describe("every route", () => {
  it("lets nobody in without one good token, unless it is for anyone", async () => {
    const good = await tokenOf({ role: "admin" });
    const expired = await tokenOf({ role: "admin", expiresAt: api.clock.now() + 1 });
    const revoked = await access.create({ name: "revoked", role: "admin" });
    await access.revoke(revoked.id);
    const elsewhere = await openApi();
    const unknown = (await (elsewhere.pool.access as Access).create({ name: "other", role: "admin" })).text;
    await elsewhere.close();
    const swapped = good.slice(0, -1) + (good.endsWith("A") ? "B" : "A");
    const bad: Readonly<Record<string, readonly string[]>> = {
      "no token": [],
      malformed: [bearer("akp_nonsense")],
      "no scheme": [`Authorization: ${good}`],
      "another scheme": [`Authorization: Basic ${good}`],
      empty: ["X-API-Key:"],
      "wrong checksum": [bearer(swapped)],
      wrong: [bearer(unknown)],
      expired: [bearer(expired)],
      revoked: [`X-API-Key: ${revoked.text}`],
      "two headers": [bearer(good), bearer(good)],
      "two headers of different names": [bearer(good), `x-api-key: ${good}`],
      "two keys": [`X-API-Key: ${good}`, `X-Api-Key: ${good}`],
      "two in one": [bearer(`${good}, ${good}`)],
      "a cookie": [`Cookie: token=${good}`],
    };
    for (const route of routes) {
      for (const [what, lines] of Object.entries(bad)) {
        const answer = await ask(route.method, targetOf(route), lines);
        const it = named(route, what, answer);
        if (route.role === "anyone") {
          expect(answer.status, it).toBeLessThan(400);
          continue;
        }
        expect(answer.status, it).toBe(401);
        expect(answer.headers.get("www-authenticate"), it).toBe("Bearer");
        if (route.method !== "HEAD") expect(answer.code, it).toBe("unauthorized");
      }
    }
  });

  it("lets in who has its role, by either header, and refuses all others", async () => {
    for (const [role, may] of Object.entries(MAY)) {
      const token = await tokenOf({ role });
      const forms = [bearer(token), `authorization: bearer ${token}`, `x-API-key: ${token}`];
      for (const [n, route] of routes.entries()) {
        // In a short run each role shows its token in each form, but not at each route.
        for (const line of isLongRun ? forms : [forms[n % forms.length] as string]) {
          const answer = await ask(route.method, targetOf(route), [line]);
          const it = named(route, role, answer);
          if (route.role === "anyone" || may.includes(route.role)) {
            expect([401, 403, 421, 429, 500], it).not.toContain(answer.status);
          } else {
            expect(answer.status, it).toBe(403);
            if (route.method !== "HEAD") expect(answer.code, it).toBe("forbidden");
          }
        }
      }
    }
  });

  it("answers HEAD to those who may GET, without a body", async () => {
    const viewer = await tokenOf({ role: "viewer" });
    for (const route of routes.filter(({ method }) => method === "GET")) {
      for (const lines of [[], [bearer(viewer)], [bearer(admin)]]) {
        const get = await ask("GET", targetOf(route), lines);
        const head = await ask("HEAD", targetOf(route), lines);
        // A hand-out to HEAD takes no turn, and says nothing of what GET would find.
        const expected = route.path.endsWith("/keys/get") && get.status === 404 ? 200 : get.status;
        expect([route.path, head.status, head.body]).toEqual([route.path, expected, ""]);
      }
    }
  });

  it("is asked in any form of its target: only the exact path is it, and only who has a token learns so", async () => {
    for (const route of routes) {
      const path = targetOf(route);
      for (const other of [path.toUpperCase(), `${path}/`, path.replace("/api", "/api/"), `${path}%2f`]) {
        if (routes.some((one) => targetOf(one) === other || other === "/")) continue;
        const [without, withOne] = [
          await ask(route.method, other),
          await ask(route.method, other, [bearer(admin)]),
        ];
        const isPublic = route.role === "anyone" && routes.some((one) => one.path === other);
        if (!isPublic) expect([other, without.status]).toEqual([other, 401]);
        expect([401, 403, 500], `${other} ${withOne.status}`).not.toContain(withOne.status);
      }
      const absolute = await ask(route.method, `http://anywhere.example${path}`);
      expect(absolute.status, path).toBe(
        route.role === "anyone" ? (await ask(route.method, path)).status : 401,
      );
      const good = await ask(route.method, `http://anywhere.example${path}`, [bearer(admin)]);
      expect([401, 403, 421, 500], `${path} ${good.status}`).not.toContain(good.status);
    }
  });

  it("says 401 before it looks at body, method, type and query", async () => {
    for (const route of routes.filter(({ role }) => role !== "anyone")) {
      const path = targetOf(route);
      const answers = [
        await ask("PATCH", path),
        await ask("OPTIONS", path),
        await ask(route.method, `${path}?regoin=x`),
        await ask(route.method, `${path}?token=${admin}`),
        await ask(route.method, path, ["Content-Type: text/plain"], "{"),
        await ask("POST", path, ["Content-Type: application/json"], "{"),
      ];
      expect([path, ...answers.map(({ status }) => status)]).toEqual([path, ...answers.map(() => 401)]);
    }
  });
});

it("a path that is none, and a method that is not known, are told only to who has a token", async () => {
  const client = await tokenOf({ role: "client" });
  for (const [method, path, known] of [
    ["GET", "/api/nope", 404],
    ["DELETE", "/", 405],
    ["POST", "/api/health", 405],
    ["PATCH", "/api/keys", 405],
    ["OPTIONS", "/api/keys", 204],
  ] as const) {
    expect([path, (await ask(method, path)).status]).toEqual([path, 401]);
    expect([path, (await ask(method, path, [bearer(client)])).status]).toEqual([path, known]);
  }
});

it("who is refused and has announced a body is cut off", async () => {
  const keepAlive = async (lines: readonly string[], body = "") => {
    const caller = rawCaller(api.url);
    const length = body === "" ? [] : [`Content-Length: ${body.length}`];
    const head = ["Host: localhost", ...lines, ...length].join("\r\n");
    caller.socket.write(`POST /api/keys HTTP/1.1\r\n${head}\r\n\r\n${body}`);
    await expect.poll(() => caller.received()).toContain('"code"');
    caller.socket.destroy();
    return readAnswer(caller.received()).headers.get("connection");
  };
  expect(await keepAlive([], "{}")).toBe("close");
  expect(await keepAlive(["Transfer-Encoding: chunked"])).toBe("close");
  expect(await keepAlive([bearer(await tokenOf({ role: "viewer" }))], "{}")).toBe("close");
  expect(await keepAlive([])).toBe("keep-alive");
});

it("a token is good to the millisecond of its expiry", async () => {
  const expiresAt = api.clock.now() + 1000;
  const token = await tokenOf({ role: "viewer", expiresAt });
  const statusAt = async (at: number) => {
    api.clock.advance(at - api.clock.now());
    return (await askRaw(api.url, "GET", "/api/keys/stats", [bearer(token)])).status;
  };
  expect([await statusAt(expiresAt - 1), await statusAt(expiresAt)]).toEqual([200, 401]);
});

describe("while a body is being read", () => {
  const BODY = JSON.stringify({ key: secretOf(9), region: "eastasia" });

  async function slowly(lines: readonly string[], meanwhile: () => Promise<unknown>): Promise<RawAnswer> {
    const caller = rawCaller(api.url);
    const head = [
      "Host: localhost",
      ...lines,
      "Content-Type: application/json",
      `Content-Length: ${BODY.length}`,
    ];
    const arrived = once(api.server.server, "request");
    caller.socket.write(`POST /api/keys HTTP/1.1\r\n${head.join("\r\n")}\r\n\r\n${BODY.slice(0, 9)}`);
    await arrived;
    await new Promise(setImmediate);
    await meanwhile();
    caller.socket.end(BODY.slice(9));
    await caller.closed;
    return readAnswer(caller.received());
  }

  const added = async () => (await api.pool.listKeys.execute({ service: "speech" })).total - 2;

  it("a token that is revoked, or expires, adds no key", async () => {
    const { id, text } = await access.create({ name: "slow", role: "operator" });
    expect(await slowly([bearer(text)], () => access.revoke(id))).toMatchObject({ status: 401 });
    const short = await tokenOf({ role: "operator", expiresAt: api.clock.now() + 1 });
    expect(await slowly([bearer(short)], async () => api.clock.advance(1))).toMatchObject({ status: 401 });
    expect(await added()).toBe(0);
    const good = await tokenOf({ role: "operator" });
    expect(await slowly([bearer(good)], async () => {})).toMatchObject({ status: 201 });
  });

  it("the first token closes the door", async () => {
    for (const { id } of await access.list()) await access.revoke(id);
    expect(await slowly([], () => tokenOf({ role: "viewer" }))).toMatchObject({ status: 401 });
    expect(await added()).toBe(0);
  });
});

describe("a token with a scope", () => {
  const SCOPES = [{ regions: ["westus"] }, { services: ["translation"] }, { tags: ["gold"] }];
  const secret = secretOf(1);
  const BODIES: Readonly<Record<string, object>> = {
    "PUT /api/keys/:key": { keyname: "mine" },
    "POST /api/keys/status": { key: secret, code: 401 },
    "POST /api/keys/:key/reveal": { reason: "to see" },
  };
  const json = ["Content-Type: application/json"];

  it("gets for what is out of it exactly what it gets for what is not there", async () => {
    const asked = routes.filter(
      ({ method, path }) => /^\/api\/keys\/(:key|get|status)/.test(path) && method !== "HEAD",
    );
    expect(asked).toHaveLength(9);
    for (const scope of SCOPES) {
      const token = await tokenOf({ role: "admin", scope });
      for (const { method, path } of asked) {
        const body = BODIES[`${method} ${path}`];
        const send = (key: string, sent: object | undefined, lines: readonly string[]) =>
          ask(method, path.replace(":key", key), [...json, ...lines], sent ? JSON.stringify(sent) : "");
        const elsewhere = { ...body, ...(path.endsWith("status") && { key: secretOf(77) }) };
        const there = await send(secret, body, [bearer(token)]);
        const nowhere = path.endsWith("get")
          ? await ask(method, `${path}?region=nowhere`, [bearer(admin)])
          : await send(secretOf(77), body && elsewhere, [bearer(admin)]);
        expect([path, there.status, there.body]).toEqual([path, nowhere.status, nowhere.body]);
        expect(there.status).toBe(404);
      }
    }
    const { keys } = await api.pool.listKeys.execute({ service: "speech" });
    expect(keys.map(({ name, standing }) => [name, standing.status])).toEqual([
      ["Key 1", "enabled"],
      ["Key 2", "enabled"],
    ]);
  });

  it("sees nothing of it in lists, logs, statistics and health", async () => {
    for (const scope of SCOPES) {
      const token = await tokenOf({ role: "operator", scope });
      const dataOf = async (path: string) => {
        const { status, body } = await ask("GET", path, [bearer(token)]);
        expect([path, status]).toEqual([path, 200]);
        return JSON.parse(body).data;
      };
      expect(await dataOf("/api/keys")).toEqual([]);
      expect(await dataOf("/api/keys?page=1")).toMatchObject({ keys: [], total: 0 });
      expect(await dataOf("/api/keys/logs")).toMatchObject({ logs: [], total: 0 });
      expect((await dataOf("/api/keys/stats")).cooldown.totalKeys).toBe(0);
      expect(await dataOf("/api/health")).toEqual({ status: "healthy" });
    }
  });

  it("changes nothing that is about more than keys", async () => {
    const token = await tokenOf({ role: "admin", scope: { regions: ["eastasia"] } });
    const global = routes.filter(({ global }) => global);
    expect(global.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual([
      "DELETE /api/config/:key",
      "DELETE /api/tokens/:id",
      "GET /api/audit",
      "GET /api/tokens",
      "POST /api/config",
      "POST /api/config/batch",
      "POST /api/system/cleanup",
      "POST /api/tokens",
      "PUT /api/config/:key",
    ]);
    for (const route of global) {
      expect(await ask(route.method, targetOf(route), [bearer(token)])).toMatchObject({ code: "forbidden" });
    }
  });
});

describe("bad tokens from one address", () => {
  const send = (token: string) => askRaw(api.url, "GET", "/api/keys/stats", [bearer(token)]);

  it("are too many after ten in a minute, which delays no good one and is logged once", async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 12; n++) statuses.push((await send("guess")).status);
    expect(statuses).toEqual([...new Array(10).fill(401), 429, 429]);
    const refused = await send("guess");
    expect([refused.code, refused.headers.get("retry-after")]).toEqual(["too_many_attempts", "60"]);
    expect((await send(admin)).status).toBe(200);
    const warned = api.lines().filter(({ level, msg }) => level === 40 && msg === "a token was refused");
    expect(warned).toMatchObject([{ address: "127.0.0.1", reason: "malformed" }]);
    expect(api.lines().filter(({ status }) => status === 429)).toEqual([]);
    api.clock.advance(MINUTE_MS);
    expect((await send("guess")).status).toBe(401);
  });

  it("are logged without the token, and a good one by its id", async () => {
    await send(admin.slice(0, -1));
    await send(admin);
    expect(api.lines().at(-1)).toMatchObject({ route: "/api/keys/stats", token: admin.split("_")[1] });
    expect(api.logged()).not.toContain(admin.slice(20, 50));
  });
});

it("health tells anybody the status alone, and its parts who may see all keys", async () => {
  const healthFor = async (...lines: string[]) =>
    JSON.parse((await ask("GET", "/api/health", lines)).body).data;
  const whole = { status: "healthy", version: "1.2.3", parts: {}, keys: { speech: 2 } };
  expect(await healthFor()).toEqual({ status: "healthy" });
  expect(await healthFor(bearer("nonsense"))).toEqual({ status: "healthy" });
  expect(await healthFor(bearer(await tokenOf({ role: "client" })))).toEqual({ status: "healthy" });
  expect(await healthFor(bearer(await tokenOf({ role: "viewer" })))).toMatchObject(whole);
  expect(await healthFor(bearer(admin))).toMatchObject(whole);
});
