import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Api, addKeys, openApi, secretOf } from "../open-api.ts";

describe("/config", () => {
  let api: Api;
  const stored = async (name: string) => (await api.get(`/config/${name}`)).json.data.config_value;
  beforeEach(async () => {
    api = await openApi();
  });
  afterEach(() => api.close());

  it("lists the settings with their defaults", async () => {
    const { status, json } = await api.get("/config");
    expect(status).toBe(200);
    const values = Object.fromEntries(
      json.data.map((entry: Record<string, string>) => [entry.config_key, entry.config_value]),
    );
    expect(values).toEqual({
      cooldown_seconds: "300",
      disable_codes: "401,403,404",
      cooldown_codes: "429",
      max_concurrent_requests: "10",
      probe_timeout_seconds: "10",
      recheck_interval_minutes: "0",
      protection_period_seconds: "5",
      retry_after_max_seconds: "3600",
      key_rotation_strategy: "round_robin",
      log_retention_days: "30",
      log_max_rows: "1000000",
      audit_retention_days: "365",
      client_disables_per_hour: "20",
      client_distinct_keys_per_hour: "0",
    });
  });

  it("answers one setting, or 404 config_not_found", async () => {
    const { json } = await api.get("/config/cooldown_seconds");
    expect(json.data).toEqual({
      config_key: "cooldown_seconds",
      config_value: "300",
      description: "Length of a cooldown in seconds",
      created_at: "2026-01-01T00:00:00.000Z",
      updated_at: "2026-01-01T00:00:00.000Z",
    });
    for (const unknown of ["nothing", "__proto__", "%00", "a%20b"]) {
      const answer = await api.get(`/config/${unknown}`);
      expect([answer.status, answer.json.code]).toEqual([404, "config_not_found"]);
    }
  });

  it("creates with POST 201 and changes with POST 200", async () => {
    const entry = { config_key: "colour", config_value: "red", description: "a free text" };
    const created = await api.post("/config", entry);
    expect(created.status).toBe(201);
    expect(created.json.data).toMatchObject(entry);
    api.clock.advance(1000);
    const changed = await api.post("/config", { config_key: "colour", config_value: "blue" });
    expect(changed.status).toBe(200);
    expect(changed.json.data).toEqual({
      ...entry,
      config_value: "blue",
      created_at: "2026-01-01T00:00:00.000Z",
      updated_at: "2026-01-01T00:00:01.000Z",
    });
    expect((await api.post("/config", { config_key: "cooldown_seconds", config_value: 60 })).status).toBe(
      200,
    );
  });

  it("takes numbers and truth values for their text", async () => {
    await api.post("/config", { config_key: "cooldown_seconds", config_value: 12.5 });
    await api.post("/config", { config_key: "flag", config_value: true });
    expect(await stored("cooldown_seconds")).toBe("12.5");
    expect(await stored("flag")).toBe("true");
  });

  it("takes effect at once", async () => {
    await addKeys(api, 1);
    await api.send("PUT", "/config/cooldown_seconds", { config_value: 7 });
    await api.post("/keys/status", { key: secretOf(1), code: 429 });
    expect((await api.get("/keys/get")).json.data.retryAfterSeconds).toBe(7);
  });

  it("keeps the description on a PUT without one and changes it on a PUT with one", async () => {
    const kept = await api.send("PUT", "/config/cooldown_seconds", { config_value: "60" });
    expect(kept.status).toBe(200);
    expect(kept.json.data.description).toBe("Length of a cooldown in seconds");
    const changed = await api.send("PUT", "/config/cooldown_seconds", {
      config_value: "60",
      description: "x",
    });
    expect(changed.json.data.description).toBe("x");
  });

  it("answers 404 to a PUT or DELETE of what is not there", async () => {
    expect((await api.send("PUT", "/config/nothing", { config_value: "1" })).json.code).toBe(
      "config_not_found",
    );
    expect((await api.send("DELETE", "/config/nothing")).json.code).toBe("config_not_found");
  });

  it("restores the default of a known setting on DELETE and removes any other", async () => {
    await api.send("PUT", "/config/cooldown_seconds", { config_value: 60 });
    await api.post("/config", { config_key: "colour", config_value: "red" });
    const restored = await api.send("DELETE", "/config/cooldown_seconds");
    expect(restored.json.data).toMatchObject({ config_key: "cooldown_seconds", config_value: "300" });
    const removed = await api.send("DELETE", "/config/colour");
    expect(removed.json.data).toMatchObject({ config_key: "colour", config_value: "red" });
    expect((await api.get("/config/colour")).status).toBe(404);
  });

  it("saves a batch and answers its entries", async () => {
    const { status, json } = await api.post("/config/batch", {
      configs: [
        { config_key: "disable_codes", config_value: "401" },
        { config_key: "cooldown_codes", config_value: "429,403" },
      ],
    });
    expect(status).toBe(200);
    expect(json.data.map((entry: Record<string, string>) => entry.config_value)).toEqual(["401", "429,403"]);
  });

  it("judges a batch as its final state, all or nothing", async () => {
    const { status, json } = await api.post("/config/batch", {
      configs: [
        { config_key: "cooldown_seconds", config_value: "60" },
        { config_key: "cooldown_codes", config_value: "429,401" },
        { config_key: "log_retention_days", config_value: "-1" },
      ],
    });
    expect(status).toBe(400);
    expect(json.details.map(({ field }: { field: string }) => field).sort()).toEqual([
      "cooldown_codes",
      "log_retention_days",
    ]);
    expect(await stored("cooldown_seconds")).toBe("300");
  });

  it("names the bad entries of a batch by their place", async () => {
    const { json } = await api.post("/config/batch", {
      configs: [{ config_key: "a b", config_value: "1" }, 7, { config_key: "colour", config_value: {} }],
    });
    expect(json.details.map(({ field }: { field: string }) => field)).toEqual([
      "configs[0].config_key",
      "configs[1]",
      "configs[2].config_value",
    ]);
  });

  it.each([[{}], [{ configs: [] }], [{ configs: {} }], [{ configs: "x" }], [{ configs: null }]])(
    "refuses the batch %j",
    async (body) => {
      const { status, json } = await api.post("/config/batch", body);
      expect(status).toBe(400);
      expect(json.details[0].field).toBe("configs");
    },
  );

  it("takes a thousand entries in a batch, and looks into none of more", async () => {
    const entries = (count: number) =>
      Array.from({ length: count }, (_, n) => ({ config_key: `own_${n}`, config_value: n }));
    expect((await api.post("/config/batch", { configs: entries(1000) })).json.data).toHaveLength(1000);
    const { status, json } = await api.post("/config/batch", { configs: Array(30_000).fill({}) });
    expect([status, json.details]).toEqual([
      400,
      [{ field: "configs", message: "must hold at most 1000 entries" }],
    ]);
  });

  it.each([
    ["cooldown_seconds", "abc"],
    ["cooldown_seconds", 0],
    ["cooldown_seconds", -5],
    ["cooldown_seconds", 2_678_401],
    ["disable_codes", "401,299"],
    ["disable_codes", "429"],
    ["cooldown_codes", "600"],
    ["max_concurrent_requests", 0],
    ["probe_timeout_seconds", 0],
    ["recheck_interval_minutes", 10_081],
    ["protection_period_seconds", -1],
    ["retry_after_max_seconds", 0.5],
    ["key_rotation_strategy", "random"],
    ["log_retention_days", 1.5],
    ["log_max_rows", "many"],
  ])("refuses %s = %j, and everything works on", async (name, value) => {
    await addKeys(api, 1);
    const before = await stored(name);
    for (const answer of [
      await api.post("/config", { config_key: name, config_value: value }),
      await api.send("PUT", `/config/${name}`, { config_value: value }),
      await api.post("/config/batch", { configs: [{ config_key: name, config_value: value }] }),
    ]) {
      expect(answer.status).toBe(400);
      // Codes in both lists are told of the list that rests keys.
      expect(answer.json.error).toMatch(value === "429" ? /cooldown_codes/ : new RegExp(name));
    }
    expect(await stored(name)).toBe(before);
    expect((await api.post("/keys/status", { key: secretOf(1), code: 429 })).json.data.action).toBe(
      "cooldown",
    );
  });

  it.each([
    [{ config_value: "1" }, "config_key"],
    [{ config_key: "", config_value: "1" }, "config_key"],
    [{ config_key: "__proto__", config_value: "1" }, "config_key"],
    [{ config_key: "x".repeat(101), config_value: "1" }, "config_key"],
    [{ config_key: 5, config_value: "1" }, "config_key"],
    [{ config_key: "colour" }, "config_value"],
    [{ config_key: "colour", config_value: null }, "config_value"],
    [{ config_key: "colour", config_value: ["red"] }, "config_value"],
    [{ config_key: "colour", config_value: "x".repeat(10_001) }, "config_value"],
    [{ config_key: "colour", config_value: "red", description: 5 }, "description"],
    [{ config_key: "colour", config_value: "red", description: "x".repeat(501) }, "description"],
  ])("refuses the entry %# by name", async (body, field) => {
    const { status, json } = await api.post("/config", body);
    expect(status).toBe(400);
    expect(json.details).toMatchObject([{ field }]);
  });
});
