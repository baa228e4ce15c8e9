import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Access } from "../../../../src/application/index.ts";
import { HandScheduler } from "../../webhook/hand-scheduler.ts";
import { type Api, openApi, secretOf } from "../open-api.ts";
import { SERVICES_UNDER_TEST } from "../services.ts";

const LEASE_ID = /^\d+\.[\w-]{22}$/;
const UNKNOWN = `1.${"x".repeat(22)}`;

let api: Api;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

const add = (number: number, fields: object = {}) =>
  api.post("/keys", { key: secretOf(number), region: "eastasia", max_in_flight: 1, ...fields });
const lease = (fields: object = {}) => api.post("/leases", { region: "eastasia", ...fields });
const release = (id: string, fields?: object) => api.post(`/leases/${id}/release`, fields);
const leased = async (fields: object = {}): Promise<string> => (await lease(fields)).json.data.lease_id;
const waits = (count: number) => vi.waitFor(() => expect(api.pool.measure().waiting).toBe(count));

describe("POST /leases", () => {
  it.each(SERVICES_UNDER_TEST)(
    "answers 201 with a key of $base and until when it is leased",
    async (under) => {
      const { base, region } = under;
      await api.post(base, { key: secretOf(1), region, keyname: "Key 1", max_in_flight: 1 });
      const service = base === "/keys" ? "speech" : "translation";
      const { status, json, headers } = await api.post("/leases", { service, ttl_seconds: 90 });
      expect([status, headers.get("cache-control")]).toEqual([201, "no-store"]);
      expect(json).toEqual({
        success: true,
        data: {
          lease_id: expect.stringMatching(LEASE_ID),
          expires_at: "2026-01-01T00:01:30.000Z",
          key: (await api.get(`${base}/get`)).json.data,
        },
        message: "Key leased successfully",
      });
    },
  );

  it("lasts for a minute unless it is said otherwise, and is of Speech", async () => {
    await add(1);
    const { json } = await api.post("/leases", {});
    expect(json.data).toMatchObject({ expires_at: "2026-01-01T00:01:00.000Z", key: { id: 1 } });
  });

  it("answers 503 all_keys_busy when all are at their limit, with when that may change", async () => {
    await add(1);
    await leased({ ttl_seconds: 90 });
    api.clock.advance(30_500);
    const { status, json, headers } = await lease();
    expect([status, headers.get("retry-after")]).toEqual([503, "60"]);
    expect(json).toEqual({
      success: false,
      error: "All keys of this pool are at their limit",
      code: "all_keys_busy",
      data: { availableAt: "2026-01-01T00:01:30.000Z", retryAfterSeconds: 60 },
    });
    expect((await api.get("/keys/get")).status).toBe(200);
    api.clock.advance(59_500);
    expect((await lease()).status).toBe(201);
  });

  it("answers as a hand-out where all keys rest, or there is none", async () => {
    expect((await lease()).json.code).toBe("no_key");
    await add(1, { tag: "a" });
    expect((await lease({ tag: "b" })).json.code).toBe("no_key");
    await api.post("/keys/status", { key: secretOf(1), code: 429 });
    const { status, json } = await lease({ tag: "a" });
    expect([status, json.code]).toEqual([503, "all_keys_cooling"]);
  });

  it.each([
    ["ttl_seconds", 0, "must be an integer from 1 to 3600"],
    ["ttl_seconds", 3601, "must be an integer from 1 to 3600"],
    ["ttl_seconds", 1.5, "must be an integer from 1 to 3600"],
    ["wait_ms", -1, "must be an integer from 0 to 30000"],
    ["wait_ms", 30_001, "must be an integer from 0 to 30000"],
    ["service", "face", "must be one of speech, translation"],
  ])("I8 refuses %s %s by its name", async (field, value, message) => {
    await add(1);
    const { status, json } = await lease({ [field]: value });
    expect([status, json.details]).toEqual([400, [{ field, message }]]);
    expect((await lease()).status).toBe(201);
  });

  it("counts as in use, as its key tells, until it is released or has run out", async () => {
    await add(1, { max_in_flight: 2 });
    const inUse = async () => (await api.get("/keys/1")).json.data.in_use;
    expect(await inUse()).toBe(0);
    const id = await leased();
    await leased();
    expect(await inUse()).toBe(2);
    await api.post(`/leases/${id}/release`, {});
    expect(await inUse()).toBe(1);
    api.clock.advance(60_000);
    expect(await inUse()).toBe(0);
  });

  it("counts a use", async () => {
    await add(1);
    await leased();
    await api.pool.jobs.run("write usage");
    expect((await api.get("/keys/1")).json.data.usage_count).toBe(1);
  });

  it("is for clients, within their scope and their budget", async () => {
    const access = api.pool.access as Access;
    await api.post("/config", { config_key: "client_distinct_keys_per_hour", config_value: "1" });
    await add(1, { tag: "a", max_in_flight: null });
    await add(2, { tag: "b" });
    const [a, b, any] = await Promise.all(
      [{ tags: ["a"] }, { tags: ["b"] }, undefined].map(async (scope) => {
        const { text } = await access.create({ name: "c", role: "client", ...(scope && { scope }) });
        return { authorization: `Bearer ${text}` };
      }),
    );
    const given = await api.send("POST", "/leases", {}, a);
    expect(given.json.data.key.id).toBe(1);
    const id = given.json.data.lease_id;
    expect((await api.send("POST", "/leases", { tag: "b" }, a)).json.code).toBe("no_key");
    for (const lease of [id, `999.${"x".repeat(22)}`]) {
      expect((await api.send("POST", `/leases/${lease}/renew`, {}, b)).json.code).toBe("lease_not_found");
      const released = await api.send("POST", `/leases/${lease}/release`, { code: 401 }, b);
      expect(released.json).toEqual({ success: true, data: null, message: "Lease had ended before" });
    }
    expect((await api.send("POST", `/leases/${id}/renew`, {}, a)).status).toBe(200);
    expect((await api.send("POST", "/leases", {}, any)).status).toBe(201);
    expect((await api.send("POST", "/leases", {}, any)).json.code).toBe("budget_exhausted");
    // What was refused is not in use.
    expect((await api.send("POST", "/leases", {}, b)).status).toBe(201);
  });
});

describe("waiting for a lease", () => {
  it("ends with the key of who returns one, in turn", async () => {
    await add(1);
    let held = await leased();
    const given: number[] = [];
    const waiting = [1, 2, 3].map(async (number) => {
      await waits(number - 1);
      const { json } = await lease({ wait_ms: 30_000 });
      given.push(number);
      return json.data.lease_id as string;
    });
    for (const [index, next] of waiting.entries()) {
      await waits(3 - index);
      await release(held);
      held = await next;
    }
    expect(given).toEqual([1, 2, 3]);
  });

  it("does not let who comes later and does not wait go first", async () => {
    await add(1);
    await add(2);
    await leased({ ttl_seconds: 60 });
    const held = await leased({ ttl_seconds: 3600 });
    const waiting = lease({ wait_ms: 30_000 });
    await waits(1);
    api.clock.advance(60_000);
    expect((await lease()).json.code).toBe("all_keys_busy");
    await release(held);
    expect((await waiting).status).toBe(201);
    expect((await lease()).status).toBe(201);
  });

  it("asks again within a second, for a key may have been added, enabled or given another limit", async () => {
    await api.close();
    const scheduler = new HandScheduler();
    api = await openApi((ports) => ({ ...ports, scheduler }));
    await add(1);
    await leased({ ttl_seconds: 1 });
    api.clock.advance(300);
    const changes = [
      () => add(2),
      () => api.send("PUT", "/keys/1", { max_in_flight: 2 }),
      async () => {
        await add(3);
        await api.post("/keys/3/disable");
        await api.post("/keys/3/enable");
      },
    ];
    for (const change of changes) {
      const waiting = lease({ wait_ms: 30_000 });
      await waits(1);
      await change();
      await scheduler.pass(700);
      expect((await waiting).status).toBe(201);
    }
  });

  it("ends for who hangs up, who gets no key and leaves no lease", async () => {
    await add(1);
    const held = await leased();
    const { port } = new URL(api.url);
    const socket = connect(Number(port), "127.0.0.1");
    await once(socket, "connect");
    const body = JSON.stringify({ region: "eastasia", wait_ms: 30_000 });
    const head = `POST /api/leases HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
    socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body}`);
    await waits(1);
    socket.destroy();
    await waits(0);
    await release(held);
    expect((await lease()).status).toBe(201);
    expect(api.lines().filter(({ level }) => level >= 50)).toEqual([]);
  });

  it("ends with 503 when the server stops", async () => {
    await add(1);
    await leased();
    const waiting = lease({ wait_ms: 30_000 });
    await waits(1);
    await api.pool.stop(api.server.close());
    const { status, json } = await waiting;
    expect([status, json.code]).toEqual([503, "all_keys_busy"]);
  });
});

describe("POST /leases/:id/renew", () => {
  it("lets the lease last from now on", async () => {
    await add(1);
    const id = await leased({ ttl_seconds: 10 });
    api.clock.advance(9_000);
    const { json } = await api.post(`/leases/${id}/renew`, { ttl_seconds: 20 });
    expect(json.data).toEqual({ lease_id: id, expires_at: "2026-01-01T00:00:29.000Z" });
    api.clock.advance(19_999);
    expect((await lease()).status).toBe(503);
    expect((await api.post(`/leases/${id}/renew`)).status).toBe(200);
  });

  it("answers 404 for one that has run out, was returned or never was", async () => {
    await add(1, { max_in_flight: 2 });
    const [over, returned] = [await leased({ ttl_seconds: 1 }), await leased()];
    await release(returned);
    api.clock.advance(1_000);
    for (const id of [over, returned, UNKNOWN, "1", "%00", `999.${"x".repeat(22)}`]) {
      const { status, json } = await api.post(`/leases/${id}/renew`, {});
      expect([id, status, json.code]).toEqual([id, 404, "lease_not_found"]);
    }
  });
});

describe("POST /leases/:id/release", () => {
  it("returns the key, and is 200 once more without changing anything", async () => {
    await add(1);
    const id = await leased();
    const { status, json } = await release(id);
    expect([status, json]).toEqual([
      200,
      { success: true, data: null, message: "Lease released successfully" },
    ]);
    const next = await leased();
    const again = await release(id, { code: 401 });
    expect([again.status, again.json.data, again.json.message]).toEqual([
      200,
      null,
      "Lease had ended before",
    ]);
    expect((await lease()).json.code).toBe("all_keys_busy");
    expect((await api.get("/keys/1")).json.data.status).toBe("enabled");
    await release(next);
  });

  it("takes the code in as a report, with its note and Retry-After", async () => {
    await add(1);
    const report = { code: 429, note: "too many", retry_after: 7 };
    const { json } = await release(await leased(), report);
    expect(json.data).toEqual({ action: "cooldown", statusChanged: true });
    const { data } = (await api.get("/keys/1")).json;
    expect(data).toMatchObject({ status: "cooldown", cooldown_until: "2026-01-01T00:00:07.000Z" });
    expect((await api.get("/keys/logs")).json.data.logs[0]).toMatchObject({
      status_code: 429,
      note: "too many",
    });
  });

  it.each([
    ["code", 99],
    ["code", "often"],
    ["retry_after", "soon"],
  ])("I8 refuses %s %s, and the lease runs on", async (field, value) => {
    await add(1);
    const id = await leased();
    const { status, json } = await release(id, { code: 429, [field]: value });
    expect([status, json.details[0].field]).toEqual([400, field]);
    expect((await lease()).json.code).toBe("all_keys_busy");
    expect((await release(id, { code: 200 })).json.data.action).toBe("keep_enabled");
  });

  it("says nothing of a key by running out", async () => {
    await add(1);
    const id = await leased({ ttl_seconds: 1 });
    api.clock.advance(1_000);
    expect((await release(id, { code: 401 })).json.data).toBeNull();
    const { data } = (await api.get("/keys/1")).json;
    expect(data).toMatchObject({ status: "enabled", error_count: 0 });
  });

  it("works for a key that was moved, tagged, disabled or rests, whose leases count until then", async () => {
    await add(1, { max_in_flight: 4 });
    const ids = await Promise.all([1, 2, 3, 4].map(() => leased()));
    const count = async () => (await api.pool.leases?.count([{ ...(await keyOne()) }]))?.[0];
    await api.send("PUT", "/keys/1", { tag: "a" });
    expect((await release(ids[0] as string, { code: 200 })).json.data.action).toBe("keep_enabled");
    await api.send("PUT", "/keys/1", { region: "westus" });
    expect(await count()).toBe(3);
    expect((await api.post("/leases", { region: "westus" })).status).toBe(201);
    expect((await api.post("/leases", { region: "westus" })).json.code).toBe("all_keys_busy");
    expect((await release(ids[1] as string, { code: 429 })).json.data.action).toBe("cooldown");
    expect((await release(ids[2] as string, { code: 200 })).json.data.action).toBe("log");
    await api.post("/keys/1/disable");
    expect((await api.post(`/leases/${ids[3]}/renew`)).status).toBe(200);
    expect((await release(ids[3] as string, { code: 401 })).json.data.reason).toBe("already_disabled");
    expect(await count()).toBe(1);
  });

  it("answers 200 for a lease whose key was deleted, and 404 for what is no lease's name", async () => {
    await add(1);
    const id = await leased();
    await api.send("DELETE", "/keys/1");
    expect((await release(id, { code: 429 })).json.data).toBeNull();
    for (const name of ["1", "a.b", "1.short", `1.${"x".repeat(23)}`, "%ff"]) {
      expect([400, 404]).toContain((await release(name)).status);
    }
  });

  it("takes one of many releases of a lease for the report", async () => {
    await add(1);
    const id = await leased();
    const answers = await Promise.all(Array.from({ length: 20 }, () => release(id, { code: 500 })));
    expect(answers.filter(({ json }) => json.data !== null)).toHaveLength(1);
    expect((await api.get("/keys/logs?action=set_status")).json.data.total).toBe(1);
  });
});

async function keyOne() {
  return (await api.pool.showKey.execute("speech", "1")).key;
}
