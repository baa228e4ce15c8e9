import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { httpRoutes, type Route } from "../../../src/adapters/http/index.ts";
import type { Access } from "../../../src/application/index.ts";
import type { NewTokenFields } from "../../../src/domain/index.ts";
import { isLongRun } from "../../situations/long-run.ts";
import { askRaw, type RawAnswer, readAnswer } from "./ask-raw.ts";
import { patternOf } from "./documented.ts";
import { type Api, addKeys, openApi, secretOf } from "./open-api.ts";
import { rawCaller } from "./raw-caller.ts";
import { stateOf } from "./state-of.ts";

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

const idOf = (token: string) => token.split("_")[1] as string;
const bearer = (token: string) => `Authorization: Bearer ${token}`;
const targetOf = ({ path }: Pick<Route, "path">) => path.replace(/:\w+/, "1");
const named = (method: string, target: string, what: string, { status, code }: RawAnswer) =>
  `${what}: ${method} ${target} ${status} ${code ?? ""}`;
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

/** Forms of a request's target; undefined where it has none of that form. */
const FORMS: Readonly<
  Record<string, (route: Route) => readonly [method: string, target: string] | undefined>
> = {
  "as it is": (route) => [route.method, targetOf(route)],
  "in capitals": (route) => [route.method, targetOf(route).toUpperCase()],
  "with a slash behind": (route) => [route.method, `${targetOf(route)}/`],
  "with an escaped slash behind": (route) => [route.method, `${targetOf(route)}%2f`],
  "with two slashes": (route) => [route.method, targetOf(route).replace("/api", "/api/")],
  "in absolute form": (route) => [route.method, `http://anywhere.example${targetOf(route)}`],
  "as HEAD": (route) => (route.method === "GET" ? ["HEAD", targetOf(route)] : undefined),
};

/** The route that a request is for, by the exact path; a path with a name in it comes last. */
function routeAt(method: string, target: string): Route | undefined {
  const path = target.replace(/^http:\/\/[^/]+/, "");
  const there = routes.filter((route) => patternOf(route).test(path));
  const exact = there.filter((route) => route.path === path);
  const those = exact.length > 0 ? exact : there;
  return (
    those.find((route) => route.method === method) ??
    (method === "HEAD" ? those.find((route) => route.method === "GET") : undefined)
  );
}

/**
 * Every route, asked in every form. In a short run each kind of caller asks one route in `every`, and one in two of these
 * in one of the forms beside the plain one; the next kind takes the next.
 */
function* everyForm(
  kind: number,
  every = 1,
): Generator<{ method: string; target: string; route: Route | undefined }> {
  const forms = Object.values(FORMS);
  for (const [n, route] of routes.entries()) {
    if ((n + kind) % every > 0 && !isLongRun) continue;
    const turn = Math.floor((n + kind) / every);
    const other = turn % 2 === 0 ? 1 + ((turn / 2) % (forms.length - 1)) : 0;
    for (const [at, form] of forms.entries()) {
      const asked = form(route);
      if (asked === undefined || (at > 0 && at !== other && !isLongRun)) continue;
      const [method, target] = asked;
      yield { method, target, route: routeAt(method, target) };
    }
  }
}

/** Header lines of everybody who is not to be let in, whatever he asks for. */
async function badLines(): Promise<Readonly<Record<string, readonly string[]>>> {
  const good = await tokenOf({ role: "admin" });
  const expired = await tokenOf({ role: "admin", expiresAt: api.clock.now() + 1 });
  const revoked = await access.create({ name: "revoked", role: "admin" });
  await access.revoke(revoked.id);
  const elsewhere = await openApi();
  const unknown = (await (elsewhere.pool.access as Access).create({ name: "other", role: "admin" })).text;
  await elsewhere.close();
  const swapped = good.slice(0, -1) + (good.endsWith("A") ? "B" : "A");
  return {
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
}

describe("every route, in any form of its target,", () => {
  it("lets nobody in without one good token, unless it is for anyone", async () => {
    for (const [kind, [what, lines]] of Object.entries(await badLines()).entries()) {
      for (const { method, target, route } of everyForm(kind, 3)) {
        const answer = await ask(method, target, lines);
        const it = named(method, target, what, answer);
        if (route?.role === "anyone") {
          expect(answer.status, it).toBeLessThan(400);
          continue;
        }
        expect(answer.status, it).toBe(401);
        expect(answer.headers.get("www-authenticate"), it).toBe("Bearer");
        if (method !== "HEAD") expect(answer.code, it).toBe("unauthorized");
        else expect(answer.body, it).toBe("");
      }
    }
  });

  it("lets in who has its role, by either header, and refuses all others", async () => {
    for (const [kind, [role, may]] of Object.entries(MAY).entries()) {
      const token = await tokenOf({ role });
      const lines = [bearer(token), `authorization: bearer ${token}`, `x-API-key: ${token}`];
      let asked = 0;
      for (const { method, target, route } of everyForm(kind)) {
        asked++;
        // In a short run each role shows its token in each way, but not at each route.
        for (const line of isLongRun ? lines : [lines[asked % lines.length] as string]) {
          const answer = await ask(method, target, [line]);
          const it = named(method, target, role, answer);
          if (route === undefined) {
            expect([404, 405], it).toContain(answer.status);
          } else if (route.role === "anyone" || may.includes(route.role)) {
            expect([401, 403, 421, 429, 500], it).not.toContain(answer.status);
          } else {
            expect(answer.status, it).toBe(403);
            if (method !== "HEAD") expect(answer.code, it).toBe("forbidden");
          }
        }
      }
    }
  });

  it("is open to a token to the millisecond before its expiry", async () => {
    for (const route of routes.filter(({ role }) => role !== "anyone")) {
      const expiresAt = api.clock.now() + MINUTE_MS;
      const line = bearer(await tokenOf({ role: "admin", expiresAt }));
      const answerAt = async (at: number) => {
        api.clock.advance(at - api.clock.now());
        return await askRaw(api.url, route.method, targetOf(route), [line]);
      };
      const [before, after] = [await answerAt(expiresAt - 1), await answerAt(expiresAt)];
      const it = named(route.method, route.path, "a millisecond before", before);
      expect([401, 403, 421, 429, 500], it).not.toContain(before.status);
      expect(after.status, named(route.method, route.path, "at its expiry", after)).toBe(401);
    }
  });

  it("answers HEAD to those who may GET, without a body", async () => {
    const viewer = await tokenOf({ role: "viewer" });
    const callers = [[], [bearer(viewer)], [bearer(admin)]];
    for (const [n, route] of routes.filter(({ method }) => method === "GET").entries()) {
      // In a short run each route is asked by two of them.
      for (const lines of isLongRun ? callers : callers.toSpliced(n % 3, 1)) {
        const get = await ask("GET", targetOf(route), lines);
        const head = await ask("HEAD", targetOf(route), lines);
        // A hand-out to HEAD takes no turn, and says nothing of what GET would find.
        const expected = route.path.endsWith("/keys/get") && get.status === 404 ? 200 : get.status;
        expect([route.path, head.status, head.body]).toEqual([route.path, expected, ""]);
      }
    }
  });

  it("says 401 before it looks at body, method, type and query", async () => {
    for (const [n, route] of routes.filter(({ role }) => role !== "anyone").entries()) {
      const path = targetOf(route);
      const questions: readonly Parameters<typeof ask>[] = [
        ["PATCH", path],
        ["OPTIONS", path],
        [route.method, `${path}?regoin=x`],
        [route.method, `${path}?token=${admin}`],
        [route.method, path, ["Content-Type: text/plain"], "{"],
        ["POST", path, ["Content-Type: application/json"], "{"],
      ];
      // In a short run two of them at each route.
      for (const question of questions.filter((_, at) => isLongRun || at % 3 === n % 3)) {
        expect([...question, (await ask(...question)).status]).toEqual([...question, 401]);
      }
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

describe("while a body is being read", () => {
  const KEY = secretOf(9);

  async function slowly(
    method: string,
    target: string,
    body: string,
    lines: readonly string[],
    meanwhile: () => unknown,
  ): Promise<RawAnswer> {
    const caller = rawCaller(api.url);
    const head = [
      ...["Host: localhost", "Connection: close", ...lines],
      ...["Content-Type: application/json", `Content-Length: ${body.length}`],
    ];
    const arrived = once(api.server.server, "request");
    caller.socket.write(`${method} ${target} HTTP/1.1\r\n${head.join("\r\n")}\r\n\r\n${body.slice(0, 1)}`);
    await arrived;
    await new Promise(setImmediate);
    await meanwhile();
    caller.socket.write(body.slice(1));
    await caller.closed;
    return readAnswer(caller.received());
  }

  /** Bodies that do something; the examples of all other routes do. */
  const bodies: Readonly<Record<string, object>> = {
    "POST /api/keys": { key: KEY, region: "eastasia" },
    "POST /api/translation/keys": { key: KEY, region: "global" },
    "POST /api/keys/status": { key: secretOf(1), code: 401 },
    "POST /api/translation/keys/status": { key: secretOf(1), code: 401 },
  };

  /** Every route that reads a body, with one that it takes in; whatever takes things away comes last. */
  async function bodiedRequests() {
    const leased = await send("/leases", { region: "eastasia" });
    const { id: token } = await access.create({ name: "another", role: "client" });
    const parameterIn = (path: string) => {
      if (path.startsWith("/api/leases")) return leased.json.data.lease_id;
      if (path.startsWith("/api/config")) return "cooldown_seconds";
      return path.startsWith("/api/tokens") ? token : "1";
    };
    return routes
      .filter(({ method }) => method !== "GET" && method !== "HEAD")
      .toSorted((a, b) => Number(a.method === "DELETE") - Number(b.method === "DELETE"))
      .map(({ method, path, example }) => ({
        method,
        path,
        target: path.replace(/:\w+/, parameterIn(path)),
        body: JSON.stringify(bodies[`${method} ${path}`] ?? example ?? {}),
      }));
  }

  const send = (path: string, body: object) =>
    api.send("POST", path, body, { authorization: `Bearer ${admin}` });

  beforeEach(() => send("/translation/keys", { key: secretOf(1), region: "global" }));

  it("a token that is revoked, or expires, does nothing any more, at any route", async () => {
    const requests = await bodiedRequests();
    expect(requests.length).toBeGreaterThan(25);
    const before = await stateOf(api);
    for (const { method, path, target, body } of requests) {
      const { id, text } = await access.create({ name: "slow", role: "admin" });
      const revoked = await slowly(method, target, body, [bearer(text)], () => access.revoke(id));
      expect(revoked, path).toMatchObject({ status: 401, code: "unauthorized" });
      const short = await tokenOf({ role: "admin", expiresAt: api.clock.now() + MINUTE_MS });
      const expired = await slowly(method, target, body, [bearer(short)], () => api.clock.advance(MINUTE_MS));
      expect(expired, path).toMatchObject({ status: 401, code: "unauthorized" });
      await access.revoke(idOf(short));
    }
    expect(await stateOf(api)).toBe(before);
  });

  it("one that stays good does what was asked, at any route", async () => {
    for (const { method, path, target, body } of await bodiedRequests()) {
      const answer = await slowly(method, target, body, [bearer(admin)], () => {});
      // Of what was deleted by its other service's route, of keys that are only examples, and without probes.
      expect([200, 201, 404, 501], named(method, path, "a good token", answer)).toContain(answer.status);
    }
    const { keys } = await api.pool.listKeys.execute({ service: "speech" });
    expect(keys.map(({ secret }) => secret)).toContain(KEY);
    expect(keys.map(({ secret }) => secret)).not.toContain(secretOf(1));
  });

  it("the first token closes the door", async () => {
    for (const { id } of await access.list()) await access.revoke(id);
    const body = JSON.stringify(bodies["POST /api/keys"]);
    const late = await slowly("POST", "/api/keys", body, [], () => tokenOf({ role: "viewer" }));
    expect(late.status).toBe(401);
    expect((await api.pool.listKeys.execute({ service: "speech" })).total).toBe(2);
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
    expect(api.lines().at(-1)).toMatchObject({ route: "/api/keys/stats", token: idOf(admin) });
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
