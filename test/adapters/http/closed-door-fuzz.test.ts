import fc from "fast-check";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHttpApp, httpRoutes, listen, type Route } from "../../../src/adapters/http/index.ts";
import type { Access } from "../../../src/application/index.ts";
import { heldBytes } from "../../situations/held-bytes.ts";
import { rounds } from "../../situations/long-run.ts";
import { SEED } from "../../situations/seed.ts";
import { type Api, addKeys, openApi, secretOf } from "./open-api.ts";
import { answersTo, expectAllDocumented, listenTo, mutations, rawRequest } from "./raw-requests.ts";
import { stateOf } from "./state-of.ts";

const RAW_RUNS = rounds(70, 20_000);
const RUNS = rounds(90, 5000);
/** As many refusals as one connection gets before it is closed. */
const PIPELINED = 8;
const MINUTE_MS = 60_000;
/** What thousands of refused requests may leave behind: nothing, but the collector is not exact. */
const GROWTH_BYTES = rounds(1, 2) * 2 ** 20;

/** Who asks. Those before `client` may change nothing. */
const CALLERS = [
  ...["nobody", "malformed", "typo", "unknown", "expired", "revoked", "two", "viewer"],
  ...["client", "operator", "admin"],
] as const;
const HARMLESS: readonly string[] = CALLERS.slice(0, CALLERS.indexOf("client"));
const STRANGERS: readonly string[] = CALLERS.slice(0, CALLERS.indexOf("viewer"));

let api: Api;
let routes: readonly Route[];
/** The header lines that each of them sends. */
let credentials: Readonly<Record<string, readonly string[]>>;

beforeAll(async () => {
  api = await openApi();
  await addKeys(api, 3);
  await addKeys(api, 2, "/translation/keys", "global");
  const access = api.pool.access as Access;
  routes = httpRoutes({ pool: api.pool, clock: api.clock, log: undefined as never, version: "1" });
  const expiresAt = api.clock.now() + 300 * 24 * 60 * MINUTE_MS;
  const tokenOf = async (role: string, until = expiresAt) =>
    (await access.create({ name: role, role, expiresAt: until })).text;
  const bearer = (token: string) => [`Authorization: Bearer ${token}`];
  const good = await tokenOf("admin");
  const gone = await access.create({ name: "gone", role: "admin" });
  await access.revoke(gone.id);
  const expired = await tokenOf("admin", api.clock.now() + 1);
  const elsewhere = await openApi();
  const unknown = await (elsewhere.pool.access as Access).create({ name: "elsewhere", role: "admin" });
  await elsewhere.close();
  credentials = {
    nobody: [],
    malformed: bearer("akp_nonsense"),
    typo: bearer(good.slice(0, -1) + (good.endsWith("A") ? "B" : "A")),
    unknown: bearer(unknown.text),
    expired: bearer(expired),
    revoked: bearer(gone.text),
    two: [...bearer(good), `X-API-Key: ${good}`],
    viewer: bearer(await tokenOf("viewer")),
    client: [`X-API-Key: ${await tokenOf("client")}`],
    operator: bearer(await tokenOf("operator")),
    admin: bearer(good),
  };
});
afterAll(() => api.close());

const caller = fc.constantFrom(...CALLERS);

const audited = async () => (await api.pool.audit?.list({ offset: 0, limit: 1 }))?.total ?? 0;

/** Does it, and throws when what was refused, or asked by who may change nothing, has changed something. */
async function expectUnchangedIfRefused(
  who: string,
  act: () => Promise<readonly { readonly status: number }[]>,
): Promise<void> {
  // So that not every bad token is one too many.
  api.clock.advance(MINUTE_MS / 6);
  const [before, auditedBefore] = [await stateOf(api), await audited()];
  const answers = await act();
  if (HARMLESS.includes(who) || answers.every(({ status }) => status >= 400))
    expect(await stateOf(api)).toBe(before);
  if (HARMLESS.includes(who)) expect(await audited()).toBe(auditedBefore);
}

describe("behind a closed door", { timeout: 3_600_000 }, () => {
  it("no bytes at all get a fault, each answer is as documented, and what is refused changes nothing", async () => {
    const sent = caller.chain((who) =>
      fc
        .tuple(fc.array(rawRequest(routes, credentials[who]), { minLength: 1, maxLength: 2 }), mutations)
        // Where the name of one of two headers is broken, the other is one good token.
        .map(([requests, mutate]) => ({
          who: who === "two" ? "admin" : who,
          bytes: mutate(requests.join("")),
        })),
    );
    const heard = listenTo(api.server.server);
    const statuses = new Set<number>();
    await fc.assert(
      fc.asyncProperty(sent, ({ who, bytes }) =>
        expectUnchangedIfRefused(who, async () => {
          const answers = await answersTo(api.url, bytes);
          const requests = heard();
          expectAllDocumented(routes, requests, answers);
          for (const { status, body } of answers) {
            statuses.add(status);
            if (STRANGERS.includes(who)) expect(body).not.toContain("sekr");
          }
          // The last one, which ends the connection, is always answered.
          return requests.filter(({ path }) => path !== "/api/health");
        }),
      ),
      { numRuns: RAW_RUNS, seed: SEED },
    );
    for (const status of [200, 400, 401, 403, 404, 405]) expect([...statuses]).toContain(status);
    expect(api.lines().filter(({ level }) => level >= 50)).toEqual([]);
  });

  it("every answer of every route is as documented, whoever asks, and what is refused changes nothing", async () => {
    const word = fc.constantFrom(
      secretOf(1),
      secretOf(4),
      "1",
      "4",
      "eastasia",
      "global",
      "429",
      "",
      "__proto__",
      "%00",
    );
    const value = fc.oneof(
      word,
      fc.constantFrom(null, 200, 401, true, [], {}),
      fc.jsonValue({ maxDepth: 2 }),
    );
    const body = fc.oneof(
      fc.record(
        {
          key: word,
          region: word,
          keyname: word,
          tag: word,
          code: value,
          note: word,
          reason: word,
          config_key: word,
        },
        { requiredKeys: [] },
      ),
      fc.record(
        { name: word, role: fc.constantFrom("client", "admin", "root"), expires_at: value },
        { requiredKeys: [] },
      ),
      fc.record({ jsonData: fc.array(fc.record({ key: word, region: word })), config_value: value }),
      fc.jsonValue(),
      fc.string(),
    );
    const request = fc.record({
      who: caller,
      route: fc.constantFrom(...routes),
      parameter: word.filter((text) => text !== ""),
      query: fc.array(fc.tuple(fc.constantFrom("region", "tag", "page", "limit", "x"), word), {
        maxLength: 2,
      }),
      body: fc.option(body),
    });
    const statuses = new Set<number>();
    await fc.assert(
      fc.asyncProperty(request, ({ who, route, parameter, query, body }) =>
        expectUnchangedIfRefused(who, async () => {
          const { method, path } = route;
          const target = path.replace(/^\/api/, "").replace(/:\w+/, encodeURIComponent(parameter));
          const asked = new URLSearchParams(query).toString();
          const sent = method === "GET" || method === "HEAD" ? undefined : (body ?? undefined);
          const headers = Object.fromEntries((credentials[who] ?? []).map((line) => line.split(": ")));
          // It throws at what is not documented.
          const answer = await api.send(method, asked ? `${target}?${asked}` : target, sent, headers);
          statuses.add(answer.status);
          if (route.role !== "anyone" && STRANGERS.includes(who)) expect([401, 429]).toContain(answer.status);
          expect(answer.status).not.toBe(500);
          return [answer];
        }),
      ),
      { numRuns: RUNS, seed: SEED },
    );
    for (const status of [200, 400, 401, 403, 404]) expect([...statuses]).toContain(status);
    expect(api.lines().filter(({ level }) => level >= 50)).toEqual([]);
  });

  it("what is refused leaves nothing in memory", async () => {
    const { pool, clock } = api;
    // One that keeps no log, as the other does for the tests.
    const server = await listen(createHttpApp({ pool, clock, log: pino({ level: "silent" }), version: "1" }));
    let asked = 0;
    const request = () => {
      asked++;
      const sent = credentials[STRANGERS[asked % STRANGERS.length] as string] ?? [];
      const head = [`GET /api/keys/get?region=r${asked}&tag=${asked} HTTP/1.1`, "Host: localhost", ...sent];
      return `${[...head, `X-Request-Id: id-${asked}`].join("\r\n")}\r\n\r\n`;
    };
    const refuse = async (connections: number) => {
      for (let n = 0; n < connections; n++) {
        clock.advance(MINUTE_MS);
        const answers = await answersTo(server.url, Array.from({ length: PIPELINED }, request).join(""));
        const refused = answers.filter(({ status }) => status === 401 || status === 429);
        expect(refused).toHaveLength(PIPELINED);
      }
    };
    await refuse(rounds(50, 500));
    const before = heldBytes();
    await refuse(rounds(150, 2500));
    const growth = heldBytes() - before;
    await server.close();
    expect(growth).toBeLessThan(GROWTH_BYTES);
  });
});
