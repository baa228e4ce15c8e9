import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WORKS } from "../../../src/adapters/azure-emulator/index.ts";
import { httpRoutes, type Route } from "../../../src/adapters/http/index.ts";
import type { Access } from "../../../src/application/index.ts";
import { type Scope, SERVICES, type Service } from "../../../src/domain/index.ts";
import { type Azure, openAzure } from "../../situations/azure.ts";
import { askRaw, type RawAnswer } from "./ask-raw.ts";
import { type Api, type Json, openApi, secretOf } from "./open-api.ts";
import { rawCaller } from "./raw-caller.ts";
import { stateOf } from "./state-of.ts";

const REGION = "eastasia";
/** Of no key. */
const NOWHERE = secretOf(77);
const NEW = secretOf(78);

const BASE: Readonly<Record<Service, string>> = {
  speech: "/api/keys",
  translation: "/api/translation/keys",
};

/** What a token may be about that leaves out all keys of the service but those of the other, in westus, or tagged gold. */
const SCOPES: Readonly<Record<string, (service: Service) => Scope>> = {
  "of another service": (service) => ({ services: SERVICES.filter((other) => other !== service) }),
  "of another region": () => ({ regions: ["westus"] }),
  "of another tag": () => ({ tags: ["gold"] }),
};

let azure: Azure;
let api: Api;
let access: Access;
let routes: readonly Route[];
let admin: string;
/** The one key of each service, and a lease of it that runs. */
let places: Readonly<Record<Service, Place>>;

interface Place {
  readonly service: Service;
  readonly secret: string;
  readonly id: string;
  readonly lease: string;
}

beforeEach(async () => {
  azure = await openAzure();
  api = await openApi((ports) => ({ ...ports, ...azure.probes }));
  const { pool } = api;
  access = pool.access as Access;
  routes = httpRoutes({ pool, clock: api.clock, log: undefined as never, version: "1" });
  admin = (await access.create({ name: "all", role: "admin" })).text;
  const placeOf = async (service: Service): Promise<Place> => {
    const secret = azure.secretFor(WORKS);
    const { id } = await pool.addKey.execute({ service, secret, region: REGION, maxInFlight: 1 });
    const [body, headers] = [{ service, region: REGION }, { authorization: `Bearer ${admin}` }];
    const { json } = await api.send("POST", "/leases", body, headers);
    await pool.reportCode.execute({ service, secret, code: 200 });
    return { service, secret, id: String(id), lease: json.data.lease_id };
  };
  places = { speech: await placeOf("speech"), translation: await placeOf("translation") };
});
afterEach(async () => {
  await api.close();
  await azure.emulator.close();
});

const bearer = (token: string) => `Authorization: Bearer ${token}`;
const dataOf = ({ body }: RawAnswer): Json => JSON.parse(body).data;

/** What a route is asked about the place, and what is answered to a token whose scope is without it. */
interface Case {
  readonly path?: string;
  readonly query?: string;
  readonly body?: object;
  /** The same, of what is not there: its answer to who knows all keys is the one that is due. */
  readonly nowhere?: { readonly path?: string; readonly body?: object };
  /** Default: what is due is the answer of `nowhere`. */
  readonly due?: (answer: RawAnswer, what: string, scope: Scope) => void;
}

function isForbidden(answer: RawAnswer, what: string): void {
  expect([what, answer.status, answer.code]).toEqual([what, 403, "forbidden"]);
}

/** With these data, or some that are like them. */
const isGood = (data: unknown) => (answer: RawAnswer, what: string) => {
  expect([what, answer.status]).toEqual([what, 200]);
  expect(dataOf(answer), what).toEqual(data);
};

/** Of a key, by its id and by its secret. */
function ofKey({ id, secret }: Place, body?: object): readonly Case[] {
  return [id, secret].map((path) => ({
    path,
    ...(body && { body }),
    nowhere: { path: NOWHERE, ...(body && { body }) },
  }));
}

/** A test of a secret is refused for a place out of the scope; what the scope's tags leave out is a key of no pool. */
function ofTest({ secret }: Place): readonly Case[] {
  return [
    {
      body: { key: secret, region: REGION },
      due(answer, what, { tags }) {
        if (tags === undefined) return isForbidden(answer, what);
        expect([what, answer.status]).toEqual([what, 200]);
        expect(dataOf(answer), what).toMatchObject({ warning: expect.any(String), statusUpdate: null });
      },
    },
  ];
}

/** Of each route that is about keys: how it is asked about one, and what it answers who may not know of it. */
const CASES: Readonly<Record<string, (place: Place) => readonly Case[]>> = {
  "GET /keys/get": () => [
    { query: `region=${REGION}`, due: isNoKey },
    { query: `region=${REGION}&tag=silver`, due: isNoKey },
  ],
  "GET /keys/watch": () => [
    {
      query: `region=${REGION}`,
      due(answer, what) {
        expect([what, answer.status]).toEqual([what, 200]);
        expect(answer.body, what).toContain("event: none\n");
        expect(answer.body, what).toContain('"availableAt":null');
      },
    },
  ],
  "POST /keys/status": ({ secret }) => [
    { body: { key: secret, code: 401 }, nowhere: { body: { key: NOWHERE, code: 401 } } },
  ],
  "GET /keys/logs": () => [
    {
      due: (answer, what) => {
        expect([what, answer.status]).toEqual([what, 200]);
        expect(dataOf(answer), what).toMatchObject({ logs: [], total: 0 });
      },
    },
  ],
  "GET /keys/stats": () => [
    {
      due(answer, what) {
        const { cooldown, cooldownKeys } = dataOf(answer);
        expect([what, cooldown.totalKeys, cooldownKeys]).toEqual([what, 0, []]);
      },
    },
  ],
  "GET /keys": () => [
    { due: isGood([]) },
    {
      query: "page=1",
      due: (answer, what) => expect(dataOf(answer), what).toMatchObject({ keys: [], total: 0 }),
    },
    { query: `region=${REGION}`, due: isGood([]) },
  ],
  "GET /keys/:key": (place) => ofKey(place),
  "POST /keys": () => [{ body: { key: NEW, region: REGION, tag: "silver" }, due: isForbidden }],
  "PUT /keys/:key": (place) => [
    ...ofKey(place, { keyname: "mine" }),
    // To where the token may have keys.
    ...ofKey(place, { region: "westus", tag: "gold" }),
  ],
  "DELETE /keys/:key": (place) => ofKey(place),
  "POST /keys/:key/enable": (place) => ofKey(place),
  "POST /keys/:key/disable": (place) => ofKey(place),
  "POST /keys/:key/reveal": (place) => ofKey(place, { reason: "to see" }),
  "GET /keys/export": ({ service }) => [
    {
      due(answer, what) {
        expect([what, answer.status]).toEqual([what, 200]);
        expect(JSON.parse(answer.body), what).toEqual({ type: service, keys: [] });
      },
    },
  ],
  "POST /keys/test": ofTest,
  "POST /keys/test2": ofTest,
  "POST /keys/:key/test": (place) => ofKey(place),
  "POST /api/leases": ({ service }) => [
    { body: { service, region: REGION }, due: isNoKey },
    { body: { service, region: REGION, wait_ms: 30_000 }, due: isNoKey },
    { body: { service, region: REGION, tag: "silver" }, due: isNoKey },
  ],
  "POST /api/leases/:id/renew": ({ lease }) => [
    { path: lease, nowhere: { path: "9.Vf0J3mX2pQd8sT5wZc1a7g" } },
  ],
  "POST /api/leases/:id/release": ({ lease }) => [
    // As for a lease that has ended; which one that is would tell that it was one.
    { path: lease, body: { code: 401 }, due: isGood(null) },
  ],
  "GET /api/pools": ({ service }) => [
    {
      due(answer, what) {
        const pools: Json[] = dataOf(answer);
        expect([what, pools.filter((pool) => pool.service === service)]).toEqual([what, []]);
      },
    },
  ],
  "GET /api/reports/history": ({ service }) => [
    {
      query: `service=${service}`,
      due: (answer, what) => expect([what, dataOf(answer).counts]).toEqual([what, []]),
    },
  ],
  "POST /api/upload/validate": ({ service, secret }) => [
    {
      body: fileWith(service, secret),
      due(answer, what) {
        expect([what, answer.status]).toEqual([what, 200]);
        // Nor is a word said of the key's being there.
        expect(dataOf(answer), what).toMatchObject({
          valid: false,
          errors: [OUTSIDE, OUTSIDE],
          warnings: [],
        });
      },
    },
  ],
  "POST /api/upload/create-keys": ({ service, secret }) => {
    const asked = fileWith(service, secret);
    return [
      {},
      { validateBeforeCreate: false },
      { validateBeforeCreate: false, overwriteExisting: true },
    ].map((options) => ({
      body: { ...asked, options },
      due(answer: RawAnswer, what: string) {
        expect([what, answer.status]).toEqual([what, 400]);
        const failed = { status: "failed", error: expect.stringContaining("outside of the token's scope") };
        expect(dataOf(answer), what).toMatchObject({ success: 0, failed: 2, results: [failed, failed] });
      },
    }));
  },
  "GET /api/health": () => [{ due: isGood({ status: "healthy" }) }],
};

const OUTSIDE = { field: "region", message: "is outside of the token's scope" };

function isNoKey(answer: RawAnswer, what: string): void {
  expect([what, answer.status, answer.code]).toEqual([what, 404, "no_key"]);
  expect(answer.body, what).toContain("No key in this pool");
}

function fileWith(service: Service, secret: string) {
  const keys = [secret, NEW].map((key) => ({ key, region: REGION, tag: "silver" }));
  return { jsonData: { type: service, keys } };
}

/** Routes that nothing can be out of the scope of, and why. */
const WITHOUT_SCOPE: Readonly<Record<string, string>> = {
  "HEAD /keys/get": "says whether the query is good, and nothing of keys",
  "GET /api/config": "settings are the pool's, and name no key",
  "GET /api/config/:key": "settings are the pool's, and name no key",
  "GET /api/upload/template": "a file to fill in, the same for everybody",
  "GET /api/system/cleanup": "counts rows that were removed, of no key in particular",
  "GET /api/tokens/self": "is about the token that is shown",
  "GET /api/events": "tells of what happens from now on; it has a test of its own below",
  "GET /api/docs": "the same for everybody",
  "GET /api/openapi.json": "the same for everybody",
  "GET /": "the same for everybody",
  "GET /api": "the same for everybody",
};

/** The name of its case, one for both services. */
const nameOf = ({ method, path }: Route) =>
  `${method} ${path.replace(/^\/api(\/translation)?\/keys/, "/keys")}`;
const serviceOf = ({ path }: Route): readonly Service[] => {
  if (path.startsWith(BASE.translation)) return ["translation"];
  return path.startsWith(BASE.speech) ? ["speech"] : SERVICES;
};

async function ask({ method, path }: Route, { path: key, query, body }: Case, token: string) {
  const target = path.replace(/:\w+/, key ?? "1") + (query ? `?${query}` : "");
  const lines = ["Content-Type: application/json", bearer(token)];
  return askRaw(api.url, method, target, lines, body ? JSON.stringify(body) : "");
}

describe("a token with a scope", () => {
  it("has an answer due at each route", () => {
    const named = [...Object.keys(CASES), ...Object.keys(WITHOUT_SCOPE)];
    const found = routes.filter(({ global }) => !global).map(nameOf);
    expect([...new Set(found)].toSorted()).toEqual(named.toSorted());
  });

  it.each(Object.entries(SCOPES))(
    "%s learns of no key and changes none, at any route",
    async (_, scopeFor) => {
      const before = await stateOf(api);
      for (const route of routes) {
        for (const service of serviceOf(route)) {
          const place = places[service];
          for (const asked of CASES[nameOf(route)]?.(place) ?? []) {
            const scope = scopeFor(service);
            const { id, text } = await access.create({ name: "scoped", role: "admin", scope });
            const what = `${route.method} ${route.path} ${JSON.stringify([service, asked])}`;
            const answer = await ask(route, asked, text);
            const { nowhere, due } = asked;
            if (nowhere) {
              const unknown = await ask(route, { ...asked, ...nowhere }, admin);
              expect([what, answer.status, answer.body]).toEqual([what, unknown.status, unknown.body]);
              expect(answer.status, what).toBe(404);
            }
            due?.(answer, what, scope);
            expect(answer.body, what).not.toContain(place.secret);
            await access.revoke(id);
          }
        }
      }
      expect(await stateOf(api)).toBe(before);
      for (const { lease } of Object.values(places)) {
        const headers = { authorization: `Bearer ${admin}` };
        const { json } = await api.send("POST", `/leases/${lease}/release`, {}, headers);
        expect(json.message).toBe("Lease released successfully");
      }
    },
  );

  it("that covers the place gets there what all others miss", async () => {
    const tokenOf = async (scope: Scope) =>
      (await access.create({ name: "scoped", role: "admin", scope })).text;
    const outside = await tokenOf({ tags: ["gold"] });
    for (const route of routes.filter(({ method, role }) => method === "GET" && role !== "anyone")) {
      for (const service of serviceOf(route)) {
        const inside = await tokenOf({ services: [service], regions: [REGION] });
        for (const asked of CASES[nameOf(route)]?.(places[service]) ?? []) {
          // No key has it.
          if (asked.query?.endsWith("tag=silver")) continue;
          const there = (await ask(route, asked, inside)).body;
          expect(there, `${route.path} ${asked.query}`).not.toBe((await ask(route, asked, outside)).body);
        }
      }
    }
  });

  it.each(Object.entries(SCOPES))("%s is told of no event of other keys", async (_, scopeFor) => {
    for (const service of SERVICES) {
      const scope = scopeFor(service);
      const { text } = await access.create({ name: "scoped", role: "viewer", scope });
      const caller = rawCaller(api.url);
      caller.socket.write(`GET /api/events HTTP/1.1\r\nHost: localhost\r\n${bearer(text)}\r\n\r\n`);
      await expect.poll(() => caller.received()).toContain("text/event-stream");
      const [there = service] = scope.services ?? [];
      await api.pool.disableKey.execute(service, places[service].id);
      await api.pool.enableKey.execute(service, places[service].id);
      const last = { service: there, secret: secretOf(80 + SERVICES.indexOf(service)), region: "westus" };
      await api.pool.addKey.execute({ ...last, tag: "gold" });
      await expect.poll(() => caller.received()).toContain('"action":"add_key"');
      expect(caller.received()).not.toMatch(/disable_key|enable_key/);
      caller.socket.destroy();
    }
  });

  it("changes nothing that is about more than keys", async () => {
    const scope = { regions: [REGION] };
    const { text } = await access.create({ name: "scoped", role: "admin", scope });
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
    for (const route of global) isForbidden(await ask(route, {}, text), route.path);
  });
});
