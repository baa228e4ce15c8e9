import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { rounds } from "../../situations/long-run.ts";
import { SEED } from "../../situations/seed.ts";
import { type Api, addKeys, openApi } from "./open-api.ts";
import { answersTo, mutations, rawRequest } from "./raw-requests.ts";

const RUNS = rounds(400, 20_000);

let api: Api;
beforeAll(async () => {
  api = await openApi();
  await addKeys(api, 3);
  await addKeys(api, 2, "/translation/keys", "global");
});
afterAll(() => api.close());

const sent = fc
  .tuple(fc.array(rawRequest(), { minLength: 1, maxLength: 3 }), mutations)
  .map(([requests, mutate]) => mutate(requests.join("")));

it("I8: no bytes at all get a 5xx or no answer, and every answer is well-formed", {
  timeout: 600_000,
}, async () => {
  let withAnswer = 0;
  await fc.assert(
    fc.asyncProperty(sent, async (bytes) => {
      const answers = await answersTo(api.url, bytes);
      if (answers.length > 0) withAnswer += 1;
      for (const { status, body } of answers) {
        expect(status).toBeLessThan(500);
        if (body.startsWith("{")) expect(JSON.parse(body)).toMatchObject({});
      }
    }),
    { numRuns: RUNS, seed: SEED },
  );
  expect(withAnswer).toBeGreaterThan(0.99 * RUNS);
  expect(api.lines().filter(({ level }) => level >= 50)).toEqual([]);
  expect((await api.get("/keys/logs?limit=1")).status).toBe(200);
});
