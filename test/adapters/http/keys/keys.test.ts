import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Api, addKeys, openApi, secretOf } from "../open-api.ts";
import { SERVICES_UNDER_TEST } from "../services.ts";

describe.each(SERVICES_UNDER_TEST)("$base", ({ service, base, region }) => {
  let api: Api;
  beforeEach(async () => {
    api = await openApi();
  });
  afterEach(() => api.close());

  describe("POST", () => {
    it("adds a key and answers it masked", async () => {
      const { status, json } = await api.post(base, {
        key: secretOf(1),
        region: "EastUS",
        keyname: "First",
        tag: "gold",
      });
      expect(status).toBe(201);
      expect(json).toEqual({
        success: true,
        data: {
          id: 1,
          key: "sekr***",
          service,
          region: "eastus",
          keyname: "First",
          tag: "gold",
          max_in_flight: null,
          status: "enabled",
          cooldown_until: null,
          protected_until: null,
          disabled_by: null,
          disabled_code: null,
          disabled_at: null,
          created_at: "2026-01-01T00:00:00.000Z",
        },
        message: "Key added successfully",
      });
    });

    it("needs only key and region", async () => {
      const { json } = await api.post(base, { key: secretOf(1), region, keyname: null, tag: null });
      expect(json.data).toMatchObject({ keyname: "", tag: null });
      expect((await api.post(base, { key: secretOf(2), region })).status).toBe(201);
    });

    it("takes a limit", async () => {
      const { json } = await api.post(base, { key: secretOf(1), region, max_in_flight: 5 });
      expect(json.data).toMatchObject({ max_in_flight: 5 });
    });

    it("refuses a secret that the service has already", async () => {
      await addKeys(api, 1, base, region);
      const { status, json } = await api.post(base, { key: secretOf(1), region: "westus" });
      expect(status).toBe(409);
      expect(json).toEqual({ success: false, error: "Key already exists", code: "key_exists" });
    });
  });

  describe("GET :key", () => {
    it("shows a key with its use, by secret or id, masked", async () => {
      await addKeys(api, 2, base, region);
      await api.get(`${base}/get`);
      await api.pool.jobs.run("write usage");
      for (const reference of [1, secretOf(1)]) {
        const { status, json } = await api.get(`${base}/${reference}`);
        expect(status).toBe(200);
        expect(json.data).toMatchObject({ id: 1, key: "sekr***", service, region, usage_count: 1 });
      }
      expect((await api.get(`${base}/9`)).json.code).toBe("key_not_found");
    });
  });

  describe("GET with q and sort", () => {
    it("searches and sorts pages", async () => {
      for (const [number, keyname] of ["Carol", "alice", "Bob"].entries()) {
        await api.post(base, { key: secretOf(number), region, keyname });
      }
      const names = async (query: string) =>
        (await api.get(`${base}?${query}`)).json.data.keys.map(({ keyname }: { keyname: string }) => keyname);
      expect(await names("page=1&q=CAR")).toEqual(["Carol"]);
      expect(await names("limit=2&sort=name")).toEqual(["alice", "Bob"]);
      expect(await names("page=1&sort=-id&q=")).toEqual(["Bob", "alice", "Carol"]);
    });

    it("refuses them for whole lists, and what it can't sort by", async () => {
      const refused = await api.get(`${base}?q=x&sort=name`);
      expect(refused.status).toBe(400);
      expect(refused.json.details.map(({ field }: { field: string }) => field)).toEqual(["q", "sort"]);
      expect((await api.get(`${base}?page=1&sort=secret`)).status).toBe(400);
      expect((await api.get(`${base}?page=1&q=${"x".repeat(101)}`)).status).toBe(400);
    });
  });

  describe("PUT :key", () => {
    beforeEach(() => addKeys(api, 1, base, region));

    it("changes what is given and leaves the rest", async () => {
      const { status, json } = await api.send("PUT", `${base}/${secretOf(1)}`, { keyname: "Renamed" });
      expect(status).toBe(200);
      expect(json.data).toMatchObject({ id: 1, key: "sekr***", keyname: "Renamed", region, tag: null });
    });

    it("moves a key to another pool with its standing", async () => {
      await api.post(`${base}/status`, { key: secretOf(1), code: 429 });
      const { json } = await api.send("PUT", `${base}/1`, { region: "NorthEurope", tag: "x" });
      expect(json.data).toMatchObject({ region: "northeurope", tag: "x", status: "cooldown" });
      expect((await api.get(`${base}/get?region=northeurope`)).json.code).toBe("all_keys_cooling");
      expect((await api.get(`${base}/get`)).json.code).toBe("no_key");
    });

    it("takes a tag away with null or an empty one", async () => {
      for (const tag of [null, ""]) {
        await api.send("PUT", `${base}/1`, { tag: "x" });
        expect((await api.send("PUT", `${base}/1`, { tag })).json.data.tag).toBeNull();
      }
    });

    it("limits a key, and takes the limit away with null", async () => {
      const { status, json } = await api.send("PUT", `${base}/1`, { max_in_flight: 20 });
      expect([status, json.data.max_in_flight]).toEqual([200, 20]);
      expect((await api.get(base)).json.data).toMatchObject([{ max_in_flight: 20 }]);
      expect((await api.get(`${base}/1`)).json.data).toMatchObject({ max_in_flight: 20 });
      const logs = (await api.get(`${base}/logs`)).json.data.logs;
      expect(logs[0]).toMatchObject({ action: "update_key", note: "max_in_flight=20" });
      expect((await api.get(`${base}/get`)).json.data).not.toHaveProperty("max_in_flight");
      await api.send("PUT", `${base}/1`, { keyname: "Renamed" });
      expect((await api.get(`${base}/1`)).json.data).toMatchObject({ max_in_flight: 20 });
      const freed = await api.send("PUT", `${base}/1`, { max_in_flight: null });
      expect(freed.json.data).toMatchObject({ max_in_flight: null });
    });

    it("refuses a limit that is none, which changes nothing", async () => {
      const message = "must be an integer from 1 to 10000, or null";
      for (const limit of [0, 10_001, 1.5, "many", true, {}]) {
        for (const send of [
          api.send("PUT", `${base}/1`, { max_in_flight: limit, keyname: "Renamed" }),
          api.post(base, { key: secretOf(2), region, max_in_flight: limit }),
        ]) {
          const { status, json } = await send;
          expect([limit, status, json.details]).toEqual([limit, 400, [{ field: "max_in_flight", message }]]);
        }
        expect((await api.get(base)).json.data).toMatchObject([{ max_in_flight: null, keyname: "Key 1" }]);
      }
    });

    it.each([[{}], [{ colour: "red" }]])("refuses %j, which changes nothing", async (body) => {
      const { status, json } = await api.send("PUT", `${base}/1`, body);
      expect(status).toBe(400);
      expect(json.error).toContain("at least one of keyname, region, tag and max_in_flight");
    });
  });

  it("refuses a placeholder as a new key, with the field, and still looks for one that is there from before", async () => {
    const { status, json } = await api.post(base, { key: "your-key-here", region });
    expect([status, json.details]).toEqual([
      400,
      [{ field: "key", message: "must be a key, not a placeholder" }],
    ]);
    expect((await api.send("DELETE", `${base}/your-key-here`)).json.code).toBe("key_not_found");
    expect((await api.post(`${base}/status`, { key: "your-key-here", code: 401 })).json.code).toBe(
      "key_not_found",
    );
  });

  describe("DELETE :key", () => {
    it("takes the key out and leaves its log rows their name and region", async () => {
      await addKeys(api, 1, base, region);
      const { status, json } = await api.send("DELETE", `${base}/1`);
      expect(status).toBe(200);
      expect(json).toMatchObject({ data: { id: 1, key: "sekr***" }, message: "Key deleted successfully" });
      expect((await api.get(`${base}/get`)).json.code).toBe("no_key");
      expect((await api.get(`${base}/logs`)).json.data.logs[0]).toMatchObject({
        action: "delete_key",
        key_id: 1,
        keyname: "Key 1",
        region,
      });
      expect((await api.send("DELETE", `${base}/1`)).json.code).toBe("key_not_found");
    });
  });

  describe("POST :key/disable and :key/enable", () => {
    beforeEach(() => addKeys(api, 1, base, region));

    it("take a key out of the pool and put it back", async () => {
      const disabled = await api.post(`${base}/1/disable`);
      expect(disabled.status).toBe(200);
      expect(disabled.json.data).toMatchObject({
        key: "sekr***",
        status: "disabled",
        disabled_by: "person",
        disabled_code: null,
        disabled_at: "2026-01-01T00:00:00.000Z",
      });
      expect((await api.get(`${base}/get`)).status).toBe(404);
      const enabled = await api.post(`${base}/${secretOf(1)}/enable`);
      expect(enabled.json.data).toMatchObject({ status: "enabled", disabled_by: null, disabled_at: null });
      expect((await api.get(`${base}/get`)).status).toBe(200);
    });

    it("are idempotent, and a repeat logs nothing", async () => {
      for (let time = 0; time < 2; time++) expect((await api.post(`${base}/1/disable`)).status).toBe(200);
      for (let time = 0; time < 2; time++) expect((await api.post(`${base}/1/enable`, {})).status).toBe(200);
      const actions = (await api.get(`${base}/logs`)).json.data.logs.map(
        (row: { action: string }) => row.action,
      );
      expect(actions).toEqual(["enable_key", "disable_key", "add_key"]);
    });

    it("end a cooldown that is running and start its protection", async () => {
      await api.post(`${base}/status`, { key: secretOf(1), code: 429 });
      expect((await api.post(`${base}/1/enable`)).json.data).toMatchObject({
        status: "enabled",
        cooldown_until: null,
        protected_until: "2026-01-01T00:00:05.000Z",
      });
    });

    it("say which code disabled a key", async () => {
      await api.post(`${base}/status`, { key: secretOf(1), code: 401 });
      expect((await api.get(base)).json.data[0]).toMatchObject({
        status: "disabled",
        disabled_by: "code",
        disabled_code: 401,
      });
    });
  });

  describe(":key", () => {
    it("may be percent-encoded and hold any visible character", async () => {
      const secret = "a/b?c#d%e&f=g+h;i";
      await api.post(base, { key: secret, region });
      const path = `${base}/${encodeURIComponent(secret)}`;
      expect((await api.post(`${path}/disable`)).json.data.status).toBe("disabled");
      expect((await api.post(`${path}/enable`)).json.data.status).toBe("enabled");
      expect((await api.send("PUT", path, { keyname: "odd" })).json.data.keyname).toBe("odd");
      expect((await api.send("DELETE", path)).status).toBe(200);
    });

    it("is a secret first and an id second", async () => {
      await api.post(base, { key: secretOf(1), region });
      await api.post(base, { key: "00000001", region });
      await api.post(base, { key: "12345678", region });
      expect((await api.post(`${base}/12345678/disable`)).json.data.id).toBe(3);
      expect((await api.post(`${base}/1/disable`)).json.data.id).toBe(1);
    });

    it("that is of no key is answered 404 key_not_found, whatever it looks like", async () => {
      const strange = ["x".repeat(257), "%00%01%02", "a%20b%20c%20d%20e", "%E4%BD%A0"];
      for (const unknown of ["short", "0", "99", secretOf(9), ...strange]) {
        const answers = [
          await api.send("PUT", `${base}/${unknown}`, { keyname: "x" }),
          await api.send("DELETE", `${base}/${unknown}`),
          await api.post(`${base}/${unknown}/enable`),
          await api.post(`${base}/${unknown}/disable`),
        ];
        for (const { status, json } of answers) {
          expect([unknown, status, json.code]).toEqual([unknown, 404, "key_not_found"]);
        }
      }
    });

    it("never reaches a key of the other service", async () => {
      const other = SERVICES_UNDER_TEST.find((one) => one.service !== service);
      await addKeys(api, 1, base, region);
      for (const reference of ["1", secretOf(1)]) {
        expect((await api.post(`${other?.base}/${reference}/disable`)).status).toBe(404);
      }
    });
  });

  describe("GET", () => {
    beforeEach(async () => {
      await addKeys(api, 3, base, region);
      await api.post(base, { key: secretOf(4), region: "westus", tag: "gold" });
      await api.post(`${base}/2/disable`);
      await api.post(`${base}/status`, { key: secretOf(3), code: 429 });
    });
    const ids = async (query: string) =>
      (await api.get(`${base}${query}`)).json.data.map(({ id }: { id: number }) => id);

    it("lists all keys, masked, with their use", async () => {
      await api.get(`${base}/get`);
      await api.post(`${base}/status`, { key: secretOf(1), code: 500 });
      await api.pool.jobs.run("write usage");
      const { status, json, text } = await api.get(base);
      expect(status).toBe(200);
      expect(json.message).toBe("Keys retrieved successfully");
      expect(json.data).toHaveLength(4);
      expect(json.data[0]).toMatchObject({
        id: 1,
        key: "sekr***",
        usage_count: 1,
        error_count: 1,
        last_used: "2026-01-01T00:00:00.000Z",
      });
      expect(json.data[2]).toMatchObject({
        status: "cooldown",
        cooldown_until: "2026-01-01T00:05:00.000Z",
        protected_until: "2026-01-01T00:05:05.000Z",
        last_used: null,
      });
      expect(text).not.toContain(secretOf(1));
    });

    it("lists more keys than go out in one piece, each once", async () => {
      const added = await Promise.all(
        Array.from({ length: 1_100 }, (_, n) =>
          api.pool.addKey.execute({ service, region, secret: secretOf(n + 5) }),
        ),
      );
      expect(await ids("")).toEqual([1, 2, 3, 4, ...added.map(({ id }) => id)]);
      const head = await api.send("HEAD", base);
      expect([head.status, head.text]).toEqual([200, ""]);
    });

    it("filters by status, region and tag", async () => {
      expect(await ids("?status=enabled")).toEqual([1, 4]);
      expect(await ids("?status=disabled")).toEqual([2]);
      expect(await ids("?status=cooldown")).toEqual([3]);
      expect(await ids("?region=WESTUS")).toEqual([4]);
      expect(await ids("?tag=gold")).toEqual([4]);
      expect(await ids("?tag=")).toEqual([1, 2, 3, 4]);
      expect(await ids("?status=enabled&region=westus&tag=silver")).toEqual([]);
    });

    it("shows no deadline that has passed", async () => {
      api.clock.advance(300_000);
      expect((await api.get(`${base}?status=enabled`)).json.data[1]).toMatchObject({
        id: 3,
        cooldown_until: null,
        protected_until: "2026-01-01T00:05:05.000Z",
      });
    });

    it("answers pages when a page or a limit is asked for", async () => {
      const { data } = (await api.get(`${base}?limit=3&page=2`)).json;
      expect(data).toMatchObject({ total: 4, page: 2, limit: 3, totalPages: 2, keys: [{ id: 4 }] });
      expect((await api.get(`${base}?page=1`)).json.data).toMatchObject({ limit: 50, totalPages: 1 });
      expect((await api.get(`${base}?page=9`)).json.data).toMatchObject({ keys: [], total: 4 });
    });
  });

  describe("GET stats", () => {
    it("counts keys and shows those that rest, seconds rounded up", async () => {
      await addKeys(api, 4, base, region);
      await api.post(`${base}/2/disable`);
      await api.post(`${base}/status`, { key: secretOf(3), code: 429 });
      api.clock.advance(180_001);
      const { status, json } = await api.get(`${base}/stats`);
      expect(status).toBe(200);
      expect(json).toEqual({
        success: true,
        data: {
          cooldown: { totalKeys: 4, cooldownKeys: 1, enabledKeys: 2, disabledKeys: 1 },
          cooldownKeys: [
            { key: "sekr***", region, cooldownUntil: "2026-01-01T00:05:00.000Z", remainingSeconds: 120 },
          ],
        },
        message: "Statistics retrieved successfully",
      });
    });
  });
});
