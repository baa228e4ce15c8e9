import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Api, addKeys, openApi, secretOf } from "../open-api.ts";
import { SERVICES_UNDER_TEST } from "../services.ts";

describe.each(SERVICES_UNDER_TEST)("GET $base/get", ({ base, region }) => {
  let api: Api;
  beforeEach(async () => {
    api = await openApi();
  });
  afterEach(() => api.close());

  it("answers a key of the service's default region, with its secret", async () => {
    await addKeys(api, 1, base, region);
    const { status, json } = await api.get(`${base}/get`);
    expect(status).toBe(200);
    expect(json).toEqual({
      success: true,
      data: {
        id: 1,
        key: secretOf(1),
        region,
        keyname: "Key 1",
        tag: null,
        status: "enabled",
        created_at: "2026-01-01T00:00:00.000Z",
      },
      message: "Key retrieved successfully",
    });
  });

  it("takes turns", async () => {
    await addKeys(api, 3, base, region);
    const ids = [];
    for (let turn = 0; turn < 4; turn++) ids.push((await api.get(`${base}/get`)).json.data.id);
    expect(ids).toEqual([1, 2, 3, 1]);
  });

  it("lower-cases the region", async () => {
    await addKeys(api, 1, base, "westus2");
    expect((await api.get(`${base}/get?region=WestUS2`)).json.data.region).toBe("westus2");
  });

  it("limits the pool to a tag, and takes an empty tag for none", async () => {
    await addKeys(api, 1, base, region);
    await api.post(base, { key: secretOf(2), region, tag: "batch" });
    for (let turn = 0; turn < 2; turn++) {
      const { data } = (await api.get(`${base}/get?tag=batch`)).json;
      expect(data).toMatchObject({ id: 2, tag: "batch" });
    }
    expect((await api.get(`${base}/get?tag=`)).json.data.id).toBe(1);
    expect((await api.get(`${base}/get?tag=other`)).json.code).toBe("no_key");
  });

  it("answers 404 no_key when the pool has no enabled or cooling key", async () => {
    await addKeys(api, 1, base, region);
    await api.post(`${base}/1/disable`);
    const { status, json } = await api.get(`${base}/get`);
    expect(status).toBe(404);
    expect(json).toEqual({ success: false, error: "All keys of this pool are disabled", code: "no_key" });
    const empty = (await api.get(`${base}/get?region=brazilsouth`)).json;
    expect(empty).toEqual({ success: false, error: "No key in this pool", code: "no_key" });
  });

  it("answers 503 all_keys_cooling with the time to wait, rounded up", async () => {
    await addKeys(api, 1, base, region);
    await api.post(`${base}/status`, { key: secretOf(1), code: 429 });
    api.clock.advance(100_001);
    const { status, headers, json } = await api.get(`${base}/get`);
    expect(status).toBe(503);
    expect(headers.get("retry-after")).toBe("200");
    expect(json).toMatchObject({
      success: false,
      code: "all_keys_cooling",
      data: { availableAt: "2026-01-01T00:05:00.000Z", retryAfterSeconds: 200 },
    });
  });

  it("hands a key out again at its deadline", async () => {
    await addKeys(api, 1, base, region);
    await api.post(`${base}/status`, { key: secretOf(1), code: 429 });
    api.clock.advance(299_999);
    expect((await api.get(`${base}/get`)).status).toBe(503);
    api.clock.advance(1);
    expect((await api.get(`${base}/get`)).status).toBe(200);
  });

  it("takes no turn on HEAD", async () => {
    await addKeys(api, 2, base, region);
    const head = await api.send("HEAD", `${base}/get`);
    expect(head.status).toBe(200);
    expect(head.text).toBe("");
    expect((await api.get(`${base}/get`)).json.data.id).toBe(1);
    await api.pool.jobs.run("write usage");
    expect([...api.database.keys.values()].map(({ usageCount }) => usageCount)).toEqual([1, 0]);
  });

  it("is not to be stored on the way, whatever it answers", async () => {
    expect((await api.get(`${base}/get`)).headers.get("cache-control")).toBe("no-store");
    await addKeys(api, 1, base, region);
    expect((await api.get(`${base}/get`)).headers.get("cache-control")).toBe("no-store");
    expect((await api.send("HEAD", `${base}/get`)).headers.get("cache-control")).toBe("no-store");
  });

  it("refuses unknown parameters and repeated ones", async () => {
    await addKeys(api, 1, base, region);
    for (let time = 0; time < 2; time++) {
      const misspelt = await api.get(`${base}/get?regoin=westus`);
      expect(misspelt.status).toBe(400);
      expect(misspelt.json.details).toEqual([{ field: "regoin", message: "is not known" }]);
    }
    const { status, json } = await api.get(`${base}/get?region=eastasia&region=westus&tag=a&tag=b`);
    expect(status).toBe(400);
    expect(json.details).toEqual([
      { field: "region", message: "must be given once" },
      { field: "tag", message: "must be given once" },
    ]);
  });

  it("refuses a malformed region by name", async () => {
    for (const bad of ["", "a", "a.b", "127.0.0.1:9/x?", "-x", "x".repeat(300), "a b", "中国"]) {
      const { status, json } = await api.get(`${base}/get?region=${encodeURIComponent(bad)}`);
      expect(status).toBe(400);
      expect(json).toMatchObject({ code: "invalid_request", details: [{ field: "region" }] });
    }
  });
});

describe("hand-outs", () => {
  it("of one service never answer a key of the other", async () => {
    const api = await openApi();
    await addKeys(api, 1, "/translation/keys", "eastasia");
    expect((await api.get("/keys/get?region=eastasia")).json.code).toBe("no_key");
    expect((await api.get("/translation/keys/get?region=eastasia")).status).toBe(200);
    await api.close();
  });
});
