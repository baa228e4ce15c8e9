import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Api, type Json, openApi } from "../open-api.ts";

const DAY_MS = 86_400_000;

let api: Api;
let admin: Record<string, string>;
beforeEach(async () => {
  api = await openApi();
  const { json } = await api.post("/tokens", { name: "first", role: "admin" });
  admin = { authorization: `Bearer ${json.data.token}` };
});
afterEach(() => api.close());

const make = (body: Json) => api.send("POST", "/tokens", body, admin);

describe("POST /tokens", () => {
  it("answers the token this once, and closes the door with the first", async () => {
    expect((await api.get("/keys")).status).toBe(401);
    const scope = { services: ["speech"], regions: ["EastAsia"] };
    const { status, json } = await make({ name: "screen", role: "viewer", scope });
    expect(status).toBe(201);
    const { token, ...listed } = json.data;
    expect(token).toMatch(/^akp_[0-9a-f]{12}_[\w-]{49}$/);
    expect(listed).toEqual({
      id: token.split("_")[1],
      name: "screen",
      role: "viewer",
      scope: { services: ["speech"], regions: ["eastasia"] },
      created_at: new Date(api.clock.now()).toISOString(),
      expires_at: new Date(api.clock.now() + 90 * DAY_MS).toISOString(),
      last_used: null,
    });
    const { text, json: all } = await api.send("GET", "/tokens", undefined, admin);
    expect(all.data).toContainEqual(listed);
    expect(text + api.logged()).not.toContain(token.slice(17, 60));
  });

  it("takes an expiry as the API takes all times", async () => {
    const { json } = await make({ name: "n", role: "client", expires_at: "2126-01-31" });
    expect(json.data.expires_at).toBe("2126-01-31T00:00:00.000Z");
  });

  it.each<[Json, string[]]>([
    [{}, ["name", "role"]],
    [{ name: "n", role: "root" }, ["role"]],
    [{ name: "", role: "client" }, ["name"]],
    [{ name: "n", role: "client", expires_at: "2001-01-01" }, ["expires_at"]],
    [{ name: "n", role: "client", expires_at: "soon" }, ["expires_at"]],
    [{ name: "n", role: "client", scope: { services: ["mail"] } }, ["scope.services[0]"]],
    [{ name: "n", role: "client", scope: { regions: ["a.b"] } }, ["scope.regions[0]"]],
    [{ name: "n", role: "client", scope: { tags: [] } }, ["scope.tags"]],
  ])("%j is refused by the names that were sent", async (body, fields) => {
    const { status, json } = await make(body);
    expect([status, json.details.map(({ field }: Json) => field)]).toEqual([400, fields]);
  });
});

it("GET /tokens/self tells who asks", async () => {
  const { json } = await make({ name: "worker", role: "client", scope: { tags: ["gold"] } });
  const { id, token } = json.data;
  const self = await api.send("GET", "/tokens/self", undefined, { "x-api-key": token });
  expect(self.json.data).toEqual({
    id,
    name: "worker",
    role: "client",
    scope: { tags: ["gold"] },
    expires_at: json.data.expires_at,
  });
});

it("DELETE /tokens/:id refuses a token from then on, and knows no other", async () => {
  const { id, token } = (await make({ name: "n", role: "viewer" })).json.data;
  const statusOf = async () =>
    (await api.send("GET", "/keys", undefined, { authorization: `Bearer ${token}` })).status;
  expect(await statusOf()).toBe(200);
  const revoked = await api.send("DELETE", `/tokens/${id}`, undefined, admin);
  expect(revoked.json.data).toEqual({ id });
  expect(await statusOf()).toBe(401);
  const again = await api.send("DELETE", `/tokens/${id}`, undefined, admin);
  expect([again.status, again.json.code]).toEqual([404, "token_not_found"]);
});
