import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, addKeys, openApi, secretOf } from "../open-api.ts";
import { SERVICES_UNDER_TEST } from "../services.ts";

const BAD_REGIONS = ["127.0.0.1:9/x?", "a.b", "x".repeat(300), "", "a", "-a", "a-", "a b", "a\nb", "中国"];
const BAD_SECRETS = [
  "seven77",
  "x".repeat(257),
  "",
  "with blank inside",
  "tab\tinside",
  "nul\u0000inside",
  "ключключ",
];
const NOT_TEXT = [5, true, null, {}, ["x"], undefined];

/** Everything that could have changed. */
function stateOf(api: Api): unknown {
  return structuredClone([api.database.keys, api.database.settings, api.database.logs]);
}

describe("I8: bad input changes nothing and gets a 4xx that names the field", () => {
  let api: Api;
  let before: unknown;
  beforeAll(async () => {
    api = await openApi();
    await addKeys(api, 1);
    await addKeys(api, 1, "/translation/keys", "global");
    before = stateOf(api);
  });
  afterAll(async () => {
    expect(stateOf(api)).toEqual(before);
    expect(api.lines().filter(({ level }) => level >= 50)).toEqual([]);
    await api.close();
  });

  async function refused(method: string, path: string, body: unknown, ...fields: string[]) {
    const { status, json } = await api.send(method, path, body);
    expect([status, json.code], JSON.stringify(body)).toEqual([400, "invalid_request"]);
    expect(json.details.map(({ field }: { field: string }) => field)).toEqual(fields);
    for (const field of fields) expect(json.error).toContain(field);
  }

  describe.each(SERVICES_UNDER_TEST)("$base", ({ base }) => {
    it("a new key's region", async () => {
      for (const region of [...BAD_REGIONS, ...NOT_TEXT]) {
        await refused("POST", base, { key: secretOf(2), region }, "region");
      }
    });

    it("a new key's secret", async () => {
      for (const key of [...BAD_SECRETS, ...NOT_TEXT]) {
        await refused("POST", base, { key, region: "eastasia" }, "key");
      }
    });

    it("a new key's name and tag", async () => {
      const sound = { key: secretOf(2), region: "eastasia" };
      for (const bad of ["x".repeat(101), "bell\u0007", "line\nbreak", 5, {}, []]) {
        await refused("POST", base, { ...sound, keyname: bad, tag: bad }, "keyname", "tag");
      }
      await refused("POST", base, { ...sound, tag: "x".repeat(51) }, "tag");
    });

    it("an update's fields", async () => {
      await refused(
        "PUT",
        `${base}/1`,
        { region: "a.b", keyname: "x".repeat(101), tag: {} },
        "keyname",
        "region",
        "tag",
      );
      await refused("PUT", `${base}/1`, { keyname: null, region: null }, "keyname", "region");
      for (const region of BAD_REGIONS) await refused("PUT", `${base}/1`, { region }, "region");
    });

    it("a report's key", async () => {
      for (const key of [...BAD_SECRETS, ...NOT_TEXT]) {
        await refused("POST", `${base}/status`, { key, code: 429 }, "key");
      }
    });

    it("all of them at once", async () => {
      await refused("POST", base, {}, "key", "region");
      await refused(
        "POST",
        base,
        { key: 1, region: 2, keyname: 3, tag: 4 },
        "key",
        "region",
        "keyname",
        "tag",
      );
    });

    it.each(["page=-1", "page=0", "limit=0", "limit=100000", "status=resting", "region=a.b", "tag=%07"])(
      "a list's %s",
      async (query) => refused("GET", `${base}?${query}`, undefined, query.split("=")[0] as string),
    );

    it("a body that is broken or no object", async () => {
      const paths = [
        ["POST", base],
        ["PUT", `${base}/1`],
        ["POST", `${base}/status`],
      ] as const;
      const bodies = [
        "{",
        '{"key":',
        "[]",
        '[{"key":"x"}]',
        '"text"',
        "5",
        "null",
        "true",
        "",
        "{'key':1}",
        "\u0000",
      ];
      for (const [method, path] of paths)
        for (const body of bodies) await refused(method, path, body, "body");
    });

    it("a body that is broken where none is needed", async () => {
      await refused("POST", `${base}/1/disable`, "{", "body");
      await refused("POST", `${base}/1/enable`, "{", "body");
      await refused("DELETE", `${base}/1`, "{", "body");
    });
  });

  it("a body that is not UTF-8", async () => {
    const body = Buffer.from([...Buffer.from('{"key":"'), 0xff, 0xfe, ...Buffer.from('"}')]);
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${api.url}/api/keys`, { method: "POST", headers, body });
    expect(answer.status).toBe(400);
  });

  it("a body nested too deep to be anything", async () => {
    await refused("POST", "/keys", "[".repeat(49_000) + "]".repeat(49_000), "body");
    const deep = `{"key":${"[".repeat(40_000)}${"]".repeat(40_000)},"region":"eastasia"}`;
    await refused("POST", "/keys", deep, "key");
  });

  it("a body with __proto__, constructor and repeated names in it", async () => {
    await refused("POST", "/keys", '{"__proto__":{"key":"polluted1","region":"eastasia"}}', "key", "region");
    await refused("POST", "/keys", '{"constructor":{"prototype":{"key":"polluted1"}}}', "key", "region");
    await refused("POST", "/keys", `{"key":"${secretOf(2)}","key":5,"region":"eastasia"}`, "key");
    expect({}).not.toHaveProperty("key");
  });

  it("broken percent-encoding in a path or query", async () => {
    await refused("GET", "/%", undefined, "path");
    await refused("PUT", "/keys/%zz", { keyname: "x" }, "path");
    await refused("DELETE", "/keys/%E0%A4%A", undefined, "path");
    await refused("POST", "/keys/%ff/disable", undefined, "path");
    await refused("GET", "/config/%c0%80", undefined, "path");
    await refused("GET", "/keys/get?region=%zz", undefined, "query");
    await refused("GET", "/keys?tag=%ff", undefined, "query");
  });

  it("more bad fields than an answer names", async () => {
    const names = Array.from({ length: 676 }, (_, n) => String.fromCharCode(97 + (n % 26), 97 + n / 26));
    for (const path of ["/keys", "/keys/get"]) {
      const { status, json } = await api.get(`${path}?${names.join("&")}`);
      expect(status).toBe(400);
      expect(json.details).toHaveLength(100);
      expect(json.error).toMatch(/; and 576 more$/);
    }
  });

  it("a body of 2 MB", async () => {
    const body = JSON.stringify({ key: secretOf(2), region: "eastasia", keyname: "x".repeat(2_000_000) });
    for (const [method, path] of [
      ["POST", "/keys"],
      ["POST", "/keys/status"],
      ["PUT", "/keys/1"],
      ["POST", "/keys/1/disable"],
      ["POST", "/config"],
      ["POST", "/config/batch"],
    ] as const) {
      const { status, json } = await api.send(method, path, body);
      expect([status, json.code]).toEqual([413, "payload_too_large"]);
    }
  });
});
