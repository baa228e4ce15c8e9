import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KeyPoolClient } from "../../../../src/adapters/client/index.ts";
import { openApi, secretOf } from "../open-api.ts";

const DAY = 86_400_000;
const NONE = { "2xx": 0, "401": 0, "403": 0, "404": 0, "429": 0, other: 0 };

describe("GET /reports/history", () => {
  let api: Awaited<ReturnType<typeof openApi>>;
  let now: number;

  beforeEach(async () => {
    api = await openApi();
    now = api.clock.now();
    await api.post("/keys", { key: secretOf(1), region: "eastus" });
    await api.post("/keys", { key: secretOf(2), region: "westus" });
    await api.post("/translation/keys", { key: secretOf(1), region: "global" });
  });
  afterEach(() => api.close());

  const report = (code: number, number = 1, path = "/keys") =>
    api.post(`${path}/status`, { key: secretOf(number), code });
  const countsOf = async (query = "") => (await api.get(`/reports/history${query}`)).json.data.counts;

  it("counts the last day by the hour and region, of both services", async () => {
    await report(200);
    await report(204);
    await report(429);
    await report(500, 2);
    api.clock.advance(3_600_000);
    await report(401, 2);
    await report(403, 1, "/translation/keys");
    const { status, json } = await api.get("/reports/history");
    expect(status).toBe(200);
    const hour = (n: number) => new Date(now + n * 3_600_000).toISOString();
    expect(json.data).toEqual({
      from: new Date(now + 3_600_000 - DAY).toISOString(),
      to: hour(1),
      bucket_seconds: 3600,
      counts: [
        { at: hour(0), region: "eastus", ...NONE, "2xx": 2, "429": 1 },
        { at: hour(0), region: "westus", ...NONE, other: 1 },
        { at: hour(1), region: "global", ...NONE, "403": 1 },
        { at: hour(1), region: "westus", ...NONE, "401": 1 },
      ],
    });
  });

  it("counts those of a service, a region, a key, and from an instant to another", async () => {
    await report(200);
    await report(200, 2);
    await report(200, 1, "/translation/keys");
    const line = { at: new Date(now).toISOString(), ...NONE, "2xx": 1 };
    expect(await countsOf("?service=translation")).toEqual([{ ...line, region: "global" }]);
    expect(await countsOf("?region=westus")).toEqual([{ ...line, region: "westus" }]);
    expect(await countsOf("?key_id=2")).toEqual([{ ...line, region: null }]);
    expect(await countsOf("?key_id=2&service=translation")).toEqual([]);
    expect(await countsOf(`?from=${now - 1000}&to=${now - 1}`)).toEqual([]);
    expect(await countsOf(`?from=${now}&to=${now}&bucket_seconds=1`)).toHaveLength(3);
  });

  it.each([
    ["from", `from=${DAY + 1}&to=${DAY}`],
    ["from", `from=0&to=${31 * DAY + 1}&bucket_seconds=86400`],
    ["bucket_seconds", `from=0&to=${200_000}&bucket_seconds=1`],
    ["bucket_seconds", "bucket_seconds=0"],
    ["bucket_seconds", `bucket_seconds=${31 * 86_400 + 1}`],
    ["service", "service=vision"],
    ["key_id", "key_id=0"],
    ["to", "to=tomorrow"],
  ])("refuses what is too much or no such thing, naming %s: %s", async (field, query) => {
    const { status, json } = await api.get(`/reports/history?${query}`);
    expect([status, json.details]).toMatchObject([400, [{ field }]]);
  });

  it("takes 31 days, and 200 buckets", async () => {
    for (const query of [
      `from=0&to=${31 * DAY}&bucket_seconds=86400`,
      `from=0&to=${199_999}&bucket_seconds=1`,
    ]) {
      expect((await api.get(`/reports/history?${query}`)).status).toBe(200);
    }
  });

  it("is asked by the client", async () => {
    await report(200);
    const client = new KeyPoolClient({ baseUrl: `${api.url}/api` });
    const { counts } = await client.readReportHistory({ key_id: 1, from: now, bucket_seconds: 60 });
    expect(counts).toMatchObject([{ region: null, "2xx": 1 }]);
  });
});
