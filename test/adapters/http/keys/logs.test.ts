import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { Access } from "../../../../src/application/index.ts";
import type { Role } from "../../../../src/domain/index.ts";
import { type Api, addKeys, openApi, secretOf } from "../open-api.ts";
import { SERVICES_UNDER_TEST } from "../services.ts";

interface Row {
  readonly actor: string | null;
  readonly id: number;
  readonly action: string;
}

describe("GET /keys/logs", () => {
  let api: Api;
  const actions = async (query: string) =>
    (await api.get(`/keys/logs${query}`)).json.data.logs.map(({ action }: Row) => action);
  beforeAll(async () => {
    api = await openApi();
    await addKeys(api, 2);
    api.clock.advance(1000);
    await api.post("/keys/status", { key: secretOf(1), code: 429, note: "busy" });
    api.clock.advance(1000);
    await api.post("/keys/status", { key: secretOf(2), code: 401 });
    await api.send("PUT", "/config/cooldown_seconds", { config_value: 60 });
    await addKeys(api, 1, "/translation/keys", "global");
  });
  afterAll(() => api.close());

  it("answers the newest first, ties by id, fifty to a page", async () => {
    const { status, json } = await api.get("/keys/logs");
    expect(status).toBe(200);
    expect(json.message).toBe("Logs retrieved successfully");
    expect(json.data).toMatchObject({ total: 5, page: 1, limit: 50, totalPages: 1 });
    expect(json.data.logs.map(({ action }: Row) => action)).toEqual([
      "update_config",
      "disable_key",
      "cooldown_start",
      "add_key",
      "add_key",
    ]);
    expect(json.data.logs[2]).toEqual({
      id: 3,
      key_id: 1,
      action: "cooldown_start",
      status_code: 429,
      note: "busy",
      actor: "caller",
      created_at: "2026-01-01T00:00:01.000Z",
      keyname: "Key 1",
      region: "eastasia",
    });
  });

  it("lists each service's own rows; those of no service are speech's", async () => {
    expect((await api.get("/translation/keys/logs")).json.data.logs.map(({ action }: Row) => action)).toEqual(
      ["add_key"],
    );
  });

  it("pages", async () => {
    const { data } = (await api.get("/keys/logs?page=2&limit=2")).json;
    expect(data).toMatchObject({ total: 5, page: 2, limit: 2, totalPages: 3 });
    expect(data.logs.map(({ id }: Row) => id)).toEqual([3, 2]);
  });

  it.each([
    ["?key_id=1", ["cooldown_start", "add_key"]],
    ["?action=add_key", ["add_key", "add_key"]],
    ["?status_code=401", ["disable_key"]],
    ["?from=2026-01-01T00:00:02Z", ["update_config", "disable_key"]],
    ["?from=2026-01-01T00:00:02", ["update_config", "disable_key"]],
    ["?from=2026-01-01T08:00:02%2B08:00", ["update_config", "disable_key"]],
    ["?from=2026-01-01T08:00:02+08:00", ["update_config", "disable_key"]],
    [`?to=${Date.UTC(2026, 0, 1)}`, ["add_key", "add_key"]],
    ["?from=2026-01-02", []],
    ["?from=1767225601000&to=2026-01-01T00:00:01.000Z", ["cooldown_start"]],
    ["?key_id=2&action=disable_key&status_code=401", ["disable_key"]],
  ])("filters by %s", async (query, expected) => {
    expect(await actions(query)).toEqual(expected);
  });

  it.each([
    ["page=-1", "page"],
    ["page=0", "page"],
    ["page=1.5", "page"],
    ["page=", "page"],
    ["limit=0", "limit"],
    ["limit=1001", "limit"],
    ["limit=100000", "limit"],
    ["limit=400000", "limit"],
    ["limit=abc", "limit"],
    ["key_id=0", "key_id"],
    ["key_id=x", "key_id"],
    ["action=steal", "action"],
    ["status_code=42", "status_code"],
    ["from=yesterday", "from"],
    ["from=2026-13-01", "from"],
    ["from=2026-02-30", "from"],
    ["from=2026-01-01 08:00", "from"],
    ["to=2026-01-01T25:00:00Z", "to"],
    ["limit=1&limit=2", "limit"],
  ])("refuses %s by name", async (query, field) => {
    for (const base of ["/keys/logs", "/translation/keys/logs"]) {
      const { status, json } = await api.get(`${base}?${query}`);
      expect(status).toBe(400);
      expect(json).toMatchObject({ code: "invalid_request", details: [{ field }] });
      expect(json.error).toContain(field);
    }
  });

  it("accepts the largest page", async () => {
    expect((await api.get("/keys/logs?limit=1000&page=999999999")).json.data.logs).toEqual([]);
  });
});

describe.each(SERVICES_UNDER_TEST)("who acted, in GET $base/logs", ({ service, base, region }) => {
  let api: Api;
  let access: Access;
  let admin: string;
  const tokenOf = async (role: Role) => (await access.create({ name: role, role })).text;
  beforeEach(async () => {
    api = await openApi();
    access = api.pool.access as Access;
    admin = await tokenOf("admin");
  });
  afterEach(() => api.close());
  const send = (token: string, method: string, path: string, body?: unknown) =>
    api.send(method, path, body, { authorization: `Bearer ${token}` });
  const idOf = (token: string) => token.split("_")[1] as string;
  const actors = async (): Promise<readonly [string, string | null][]> =>
    (await send(admin, "GET", `${base}/logs`)).json.data.logs
      .map(({ action, actor }: Row) => [action, actor])
      .reverse();

  it("is the token's id, whatever its role", async () => {
    const [operator, client] = [await tokenOf("operator"), await tokenOf("client")];
    for (const n of [1, 2]) await send(operator, "POST", base, { key: secretOf(n), region });
    for (const _ of [1, 2]) await send(client, "GET", `${base}/get?region=${region}`);
    const report = (token: string, n: number, code: number) =>
      send(token, "POST", `${base}/status`, { key: secretOf(n), code });
    await report(client, 1, 200);
    await report(client, 1, 429);
    await report(admin, 2, 500);
    await report(admin, 2, 401);
    await send(operator, "PUT", `${base}/1`, { keyname: "one" });
    await send(admin, "POST", `${base}/2/enable`);
    await send(admin, "POST", `${base}/2/disable`);
    await send(operator, "DELETE", `${base}/2`);
    await send(operator, "POST", "/upload/create-keys", {
      jsonData: { type: service, keys: [{ key: secretOf(3), region }] },
    });
    const [root, desk, app] = [idOf(admin), idOf(operator), idOf(client)];
    expect(await actors()).toEqual([
      ["add_key", desk],
      ["add_key", desk],
      ["set_status", app],
      ["cooldown_start", app],
      ["set_status", root],
      ["disable_key", root],
      ["update_key", desk],
      ["enable_key", root],
      ["disable_key", root],
      ["delete_key", desk],
      ["import_keys", desk],
    ]);
  });

  it("is the caller while the door is open", async () => {
    for (const { id } of await access.list()) await access.revoke(id);
    await addKeys(api, 1, base, region);
    await api.post(`${base}/status`, { key: secretOf(1), code: 500 });
    await api.post(`${base}/1/disable`);
    const { logs } = (await api.get(`${base}/logs`)).json.data;
    expect(logs.map(({ actor }: Row) => actor)).toEqual(["caller", "caller", "caller"]);
  });
});

it("GET /keys/logs says whose token changed a setting", async () => {
  const api = await openApi();
  onTestFinished(() => api.close());
  const { text, id } = await (api.pool.access as Access).create({ name: "root", role: "admin" });
  const headers = { authorization: `Bearer ${text}` };
  await api.send("PUT", "/config/cooldown_seconds", { config_value: 60 }, headers);
  const { logs } = (await api.send("GET", "/keys/logs", undefined, headers)).json.data;
  expect(logs).toMatchObject([{ action: "update_config", actor: id }]);
});
