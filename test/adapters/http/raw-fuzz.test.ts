import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { httpRoutes, type Route } from "../../../src/adapters/http/index.ts";
import { heldBytes } from "../../situations/held-bytes.ts";
import { isLongRun, rounds } from "../../situations/long-run.ts";
import { SEED } from "../../situations/seed.ts";
import { patternOf } from "./documented.ts";
import { type Api, addKeys, openApi } from "./open-api.ts";
import {
  answersTo,
  expectAllDocumented,
  type Heard,
  listenTo,
  mutations,
  rawRequest,
} from "./raw-requests.ts";
import { stateOf } from "./state-of.ts";

const RUNS = rounds(150, 20_000);
/** What has been compiled and remembered by then is no leak. */
const WARM_RUNS = RUNS / 4;
/** What rows of logs and audit take, which a request may leave. A leak of half a kilobyte a run is seen. */
const GROWTH_BYTES_OF_A_RUN = 300;

let api: Api;
let routes: readonly Route[];
let heard: () => readonly Heard[];
beforeAll(async () => {
  api = await openApi();
  heard = listenTo(api.server.server);
  routes = httpRoutes({ pool: api.pool, clock: api.clock, log: undefined as never, version: "1" });
  await addKeys(api, 3);
  await addKeys(api, 2, "/translation/keys", "global");
});
afterAll(() => api.close());

const isRouted = ({ path, method }: Heard) =>
  routes.some(
    (route) =>
      // Each run ends with a question for the health.
      path !== "/api/health" && route.method === method && patternOf(route).test(path),
  );

it("I8: no bytes at all get a fault or no answer, each answer is as documented, and what is refused changes nothing", {
  timeout: 3_600_000,
}, async () => {
  // The first token would close the door.
  const asked = routes.filter(({ method, path }) => !(method === "POST" && path === "/api/tokens"));
  const sent = fc
    .tuple(fc.array(rawRequest(asked), { minLength: 1, maxLength: 3 }), mutations)
    .map(([requests, mutate]) => mutate(requests.join("")));
  const count = { runs: 0, answered: 0, routed: 0, succeeded: 0 };
  let warmBytes = 0;
  heard();
  await fc.assert(
    fc.asyncProperty(sent, async (bytes) => {
      const before = await stateOf(api);
      const answers = await answersTo(api.url, bytes);
      const requests = heard();
      expectAllDocumented(routes, requests, answers);
      const routed = requests.filter(isRouted);
      const isRefused = routed.every(({ status }) => status >= 400);
      if (isRefused) expect(await stateOf(api)).toBe(before);
      count.runs += 1;
      if (answers.length > 0) count.answered += 1;
      if (routed.length > 0) count.routed += 1;
      if (!isRefused) count.succeeded += 1;
      if (count.runs % 1000 === 0) expectNoFaultLogged();
      if (isLongRun && count.runs === WARM_RUNS) warmBytes = heldBytes();
    }),
    { numRuns: RUNS, seed: SEED },
  );
  expectNoFaultLogged();
  if (isLongRun) expect(heldBytes() - warmBytes).toBeLessThan((RUNS - WARM_RUNS) * GROWTH_BYTES_OF_A_RUN);
  expect((await api.get("/keys/logs?limit=1")).status).toBe(200);
  // So that all of this is not about what a parser refuses.
  expect(count.answered).toBeGreaterThan(0.99 * RUNS);
  expect(count.routed).toBeGreaterThan(RUNS / 2);
  expect(count.succeeded).toBeGreaterThan(RUNS / 4);
});

function expectNoFaultLogged(): void {
  expect(api.lines().filter(({ level }) => level >= 50)).toEqual([]);
  api.forgetLogged();
}
