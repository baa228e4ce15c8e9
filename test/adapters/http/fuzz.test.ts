import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { anyCharacter } from "../../situations/any-character.ts";
import { rounds } from "../../situations/long-run.ts";
import { SEED } from "../../situations/seed.ts";
import { type Api, addKeys, openApi, secretOf } from "./open-api.ts";
import { stateOf } from "./state-of.ts";

const RUNS = rounds(150, 20_000);

let api: Api;
beforeAll(async () => {
  api = await openApi();
  await addKeys(api, 3);
  await addKeys(api, 2, "/translation/keys", "global");
});
afterAll(() => api.close());

const text = fc.oneof(
  fc.string({ unit: anyCharacter, maxLength: 40 }),
  fc.constantFrom(
    secretOf(1),
    secretOf(2),
    "eastasia",
    "global",
    "429",
    "__proto__",
    "constructor",
    "%00",
    "",
  ),
);
const segment = fc.oneof(
  fc.constantFrom(
    "keys",
    "translation",
    "get",
    "status",
    "logs",
    "stats",
    "enable",
    "disable",
    "config",
    "batch",
  ),
  fc.constantFrom(
    "upload",
    "events",
    "system",
    "health",
    "1",
    "2",
    "%zz",
    "%",
    "%00",
    "..",
    "cooldown_seconds",
    secretOf(1),
  ),
  text.map((part) => encodeURIComponent(part.toWellFormed())),
);
const path = fc.array(segment, { maxLength: 4 }).map((parts) => `/${parts.join("/")}`);
const parameter = fc.tuple(
  fc.constantFrom(
    "region",
    "tag",
    "page",
    "limit",
    "status",
    "key_id",
    "action",
    "status_code",
    "from",
    "to",
    "x",
  ),
  fc.oneof(
    text.map((value) => encodeURIComponent(value.toWellFormed())),
    fc.integer().map(String),
    fc.constantFrom("%", "%ff"),
  ),
);
const query = fc
  .array(parameter, { maxLength: 4 })
  .map((pairs) => pairs.map((pair) => pair.join("=")).join("&"));
const value: fc.Arbitrary<unknown> = fc.oneof(
  text,
  fc.integer(),
  fc.double(),
  fc.constantFrom(null, true, 200, 401, 429, "429", "eastasia", secretOf(1)),
  fc.jsonValue({ maxDepth: 3 }),
);
const entry = fc.record({ config_key: value, config_value: value, description: value }, { requiredKeys: [] });
const body = fc.oneof(
  fc.record(
    { key: value, region: value, keyname: value, tag: value, code: value, note: value },
    { requiredKeys: [] },
  ),
  entry,
  fc.record({ configs: fc.oneof(fc.array(entry, { maxLength: 3 }), value) }),
  fc.jsonValue(),
  fc.string({ unit: anyCharacter }),
);
const method = fc.constantFrom("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS");

it("I8: no request at all gets a 500, what is refused changes nothing, and the pool works on", {
  timeout: 600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(method, path, query, fc.option(body), async (verb, where, asked, sent) => {
      const bodiless = verb === "GET" || verb === "HEAD" || sent === null;
      const before = await stateOf(api);
      const { status, text, json } = await api.send(verb, `${where}?${asked}`, bodiless ? undefined : sent);
      expect(status).not.toBe(500);
      expect(status).toBeLessThan(504);
      if (status >= 400) expect(await stateOf(api)).toBe(before);
      if (text === "") return;
      expect(json).toMatchObject({ success: status < 400 });
      if (status >= 400) expect(json).toMatchObject({ error: expect.any(String), code: expect.any(String) });
    }),
    { numRuns: RUNS, seed: SEED },
  );
  expect(api.lines().filter(({ level }) => level >= 50)).toEqual([]);
  expect((await api.post("/keys", { key: "still-works", region: "northeurope" })).status).toBe(201);
  expect((await api.get("/keys/get?region=northeurope")).json.data.key).toBe("still-works");
});
