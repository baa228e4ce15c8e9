import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Answer, type Api, addKeys, type Json, openApi, secretOf } from "../open-api.ts";

let api: Api;
let token: string;
let id: string;

async function withAdmin(opened: Api): Promise<Api> {
  api = opened;
  const { json } = await api.post("/tokens", { name: "root", role: "admin" });
  ({ token, id } = json.data);
  return api;
}
beforeEach(async () => void (await withAdmin(await openApi())));
afterEach(() => api.close());

const as = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  api.send(method, path, body, { authorization: `Bearer ${token}`, ...headers });
const add = (number = 1) =>
  as("POST", "/keys", { key: secretOf(number), region: "eastasia", keyname: "one" });
const acts = async (query = ""): Promise<Json[]> => (await as("GET", `/audit${query}`)).json.data.acts;

describe("GET /audit", () => {
  it("tells who did what, from where, to what, and how it was before", async () => {
    await add();
    const changes = { keyname: "two", tag: "gold", max_in_flight: 5 };
    await as("PUT", "/keys/1", changes, { "x-request-id": "r-7" });
    const [update, added, made] = await acts();
    const key = { key: "sekr***", region: "eastasia", max_in_flight: null };
    expect(update).toEqual({
      sequence: 3,
      at: new Date(api.clock.now()).toISOString(),
      actor: { id, name: "root", role: "admin" },
      address: "127.0.0.1",
      request_id: "r-7",
      act: "update_key",
      subject: "speech key 1",
      before: { ...key, keyname: "one", tag: null },
      after: { ...key, ...changes },
      failure: null,
    });
    expect(added).toMatchObject({ act: "add_key", before: null, after: { ...key, status: "enabled" } });
    expect(made).toMatchObject({
      act: "create_token",
      subject: `token ${id}`,
      actor: { id: "open door", role: "admin" },
      after: { name: "root", role: "admin" },
    });
  });

  it("has a row for each change of a key, a token, a setting or the log", async () => {
    await add();
    await as("POST", "/keys/1/disable");
    await as("POST", "/keys/1/enable");
    await as("PUT", "/config/cooldown_seconds", { config_value: "60" });
    await as("POST", "/config", { config_key: "team", config_value: "x" });
    await as("DELETE", "/config/team");
    await as("POST", "/system/cleanup");
    await as("POST", "/upload/create-keys", {
      jsonData: [2, 3].map((n) => ({ key: secretOf(n), region: "eastasia" })),
    });
    await as("DELETE", "/keys/1");
    const other = (await as("POST", "/tokens", { name: "n", role: "viewer" })).json.data;
    await as("DELETE", `/tokens/${other.id}`);
    const rows = await acts();
    expect(rows.map(({ act }) => act).reverse()).toEqual([
      ...["create_token", "add_key", "disable_key", "enable_key", "update_settings", "update_settings"],
      ...["update_settings", "clean_up_logs", "import_keys", "delete_key", "create_token", "revoke_token"],
    ]);
    expect(rows[7]).toMatchObject({ before: { cooldown_seconds: "300" }, after: { cooldown_seconds: "60" } });
    expect(rows[3]).toMatchObject({ subject: "speech keys", after: { rows: 2 } });
    expect(rows[0]).toMatchObject({ subject: `token ${other.id}`, before: { name: "n", role: "viewer" } });
    expect(await api.pool.audit?.verify()).toEqual({ intact: true, rows: 12 });
  });

  it("says why an act was not done, and knows nothing of what was not even begun", async () => {
    await add();
    await add();
    await as("POST", "/keys", { key: "short", region: "eastasia" });
    await as("DELETE", "/keys/77");
    await as("DELETE", `/tokens/${token}`);
    expect((await acts()).map(({ act, subject, failure }) => [act, subject, failure])).toEqual([
      ["revoke_token", "token that is none", "token_not_found"],
      ["revoke_token", "token that is none", null],
      ["add_key", "a new speech key", "key_exists"],
      ["add_key", "a new speech key", null],
      ["add_key", "a new speech key", null],
      ["create_token", `token ${id}`, null],
    ]);
  });

  it("filters and pages", async () => {
    for (const n of [1, 2, 3]) await add(n);
    const page = (await as("GET", "/audit?act=add_key&page=2&limit=2")).json.data;
    expect(page).toMatchObject({ total: 3, page: 2, limit: 2, totalPages: 2, acts: [{ sequence: 2 }] });
    expect(await acts(`?actor=${id}`)).toHaveLength(3);
    expect(await acts("?actor=env")).toEqual([]);
    expect(await acts("?from=2100-01-01")).toEqual([]);
    expect((await as("GET", "/audit?act=nonsense")).json.code).toBe("invalid_request");
  });

  it("holds no secret", async () => {
    await add();
    await as("POST", "/keys/1/reveal", { reason: `wrote ${secretOf(1)} on paper` });
    const { text } = await as("GET", "/audit");
    expect(text).toContain("wrote sekr*** on paper");
    expect(text).not.toContain(secretOf(1));
    expect(text).not.toContain(token.slice(17, 60));
  });

  it("is forgotten after the days that the setting says", async () => {
    await add();
    const days = async (count: number) => {
      api.clock.advance(count * 86_400_000);
      await as("POST", "/tokens", { name: "next", role: "admin" });
      return api.pool.jobs.run("clean up the audit");
    };
    ({ token } = (
      await as("POST", "/tokens", { name: "n", role: "admin", expires_at: "2200-01-01" })
    ).json.data);
    expect(await days(364)).toBe(0);
    expect(await days(2)).toBe(3);
    await as("PUT", "/config/audit_retention_days", { config_value: "0" });
    expect(await days(4000)).toBe(0);
    expect(await api.pool.audit?.verify()).toMatchObject({ intact: true });
  });
});

describe.each(["/keys", "/translation/keys"])("%s", (base) => {
  const region = base === "/keys" ? "eastasia" : "global";

  it("reveals a secret to an admin, and writes down why", async () => {
    await as("POST", base, { key: secretOf(1), region, keyname: "one" });
    const answer = await as("POST", `${base}/1/reveal`, { reason: "a rotation" });
    expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect(answer.json.data).toEqual({ id: 1, key: secretOf(1), region, keyname: "one" });
    expect((await acts())[0]).toMatchObject({ act: "reveal_key", after: { reason: "a rotation" } });
    expect((await as("POST", `${base}/1/reveal`, { reason: " " })).json.details[0].field).toBe("reason");
    expect((await as("POST", `${base}/2/reveal`, { reason: "r" })).status).toBe(404);
  });

  it("exports what an import takes back to the same keys", async () => {
    const keys: readonly Json[] = Array.from({ length: 1203 }, (_, n) => ({
      key: secretOf(n),
      region: n % 3 === 0 ? "westus" : region,
      keyname: `Key "${n}" 🔑`,
      tag: n % 2 ? "gold" : null,
      status: n % 5 === 0 ? "disabled" : "enabled",
      max_in_flight: n % 7 === 0 ? n + 1 : null,
    }));
    const type = base === "/keys" ? "speech" : "translation";
    await as("POST", "/upload/create-keys", { jsonData: { type, keys } });
    const exported = await as("GET", `${base}/export`);
    expect(exported.headers.get("content-disposition")).toContain(`${type}-keys.json`);
    expect(exported.json).toEqual({ type, keys });
    await api.close();
    await withAdmin(await openApi());
    expect((await as("POST", "/upload/create-keys", { jsonData: exported.json })).json.data.success).toBe(
      1203,
    );
    expect((await as("GET", `${base}/export`)).json).toEqual(exported.json);
  });
});

describe("what tells secrets", () => {
  it("needs a token even where the door is open", async () => {
    await api.close();
    api = await openApi();
    await addKeys(api, 1);
    for (const { status, json } of [
      await api.post("/keys/1/reveal", { reason: "r" }),
      await api.get("/keys/export"),
    ]) {
      expect([status, json.code]).toEqual([403, "token_required"]);
    }
    expect((await api.get("/audit")).json.data.acts).toMatchObject([{ act: "add_key" }]);
  });

  it("keeps to the token's scope", async () => {
    await add(1);
    await as("POST", "/keys", { key: secretOf(2), region: "westus" });
    const scoped = (await as("POST", "/tokens", { name: "n", role: "admin", scope: { regions: ["westus"] } }))
      .json.data.token;
    const send = (method: string, path: string, body?: Json): Promise<Answer> =>
      api.send(method, path, body, { authorization: `Bearer ${scoped}` });
    expect((await send("POST", "/keys/1/reveal", { reason: "r" })).status).toBe(404);
    expect((await send("GET", "/keys/export")).json.keys.map(({ key }: Json) => key)).toEqual([secretOf(2)]);
  });

  it("masks another key of the pool in the reason for a reveal", async () => {
    await as("POST", "/keys", { key: secretOf(1), region: "eastasia" });
    await api.pool.addKey.execute({ service: "speech", secret: "another-one", region: "eastasia" });
    await as("POST", "/keys/1/reveal", { reason: "it is not ANOTHER-ONE" });
    expect((await acts())[0]).toMatchObject({ after: { reason: "it is not ANOT***" } });
  });

  it("reveals ten keys in a minute and no more", async () => {
    await add();
    const reveal = () => as("POST", "/keys/1/reveal", { reason: "r" });
    for (let n = 0; n < 10; n++) expect((await reveal()).status).toBe(200);
    api.clock.advance(20_000);
    const refused = await reveal();
    expect([refused.status, refused.json.code]).toEqual([429, "budget_exhausted"]);
    expect(refused.headers.get("retry-after")).toBe("40");
    api.clock.advance(40_000);
    expect((await reveal()).status).toBe(200);
  });
});
