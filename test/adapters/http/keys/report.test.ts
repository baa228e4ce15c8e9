import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rounds } from "../../../situations/long-run.ts";
import { type Api, addKeys, openApi, secretOf } from "../open-api.ts";
import { SERVICES_UNDER_TEST } from "../services.ts";

describe.each(SERVICES_UNDER_TEST)("POST $base/status", ({ base, region }) => {
  let api: Api;
  const report = (code: unknown, more = {}) =>
    api.post(`${base}/status`, { key: secretOf(1), code, ...more });
  beforeEach(async () => {
    api = await openApi();
    await addKeys(api, 1, base, region);
  });
  afterEach(() => api.close());

  it("keeps a working key enabled", async () => {
    const { status, json, headers } = await report(200, { note: "API call successful" });
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(json).toEqual({
      success: true,
      data: { action: "keep_enabled", statusChanged: false },
      message: "Status updated successfully",
    });
  });

  it("answers what a code did, and why it did nothing", async () => {
    expect((await report(500)).json.data).toEqual({ action: "log", statusChanged: false });
    expect((await report(429)).json.data).toEqual({ action: "cooldown", statusChanged: true });
    expect((await report(429)).json.data).toEqual({
      action: "skip",
      statusChanged: false,
      reason: "cooling",
    });
    api.clock.advance(300_000);
    expect((await report(429)).json.data.reason).toBe("protected");
    expect((await report(401)).json.data).toEqual({ action: "disable", statusChanged: true });
    expect((await report(403)).json.data.reason).toBe("already_disabled");
    expect((await report(429)).json.data.reason).toBe("disabled");
  });

  it("accepts a code that is a string of digits", async () => {
    expect((await report("429")).json.data.action).toBe("cooldown");
  });

  it.each([
    [20, 20],
    ["20", 20],
    [0, 1],
    ["Thu, 01 Jan 2026 00:00:20 GMT", 20],
    ["Wed, 31 Dec 2025 23:00:00 GMT", 1],
    [100_000, 3600],
    [null, 300],
  ])("lets a key rest as its retry_after %j says: %i s", async (retry_after, seconds) => {
    const report = () => api.post(`${base}/status`, { key: secretOf(1), code: 429, retry_after });
    expect((await report()).json).toEqual({
      success: true,
      data: { action: "cooldown", statusChanged: true },
      message: "Status updated successfully",
    });
    await api.post(`${base}/status`, { key: secretOf(1), code: 429, retry_after: 3000 });
    const { json } = await api.get(`${base}/get`);
    expect(json.data).toMatchObject({ retryAfterSeconds: seconds });
  });

  it("ignores retry_after where the setting is 0, and with a code that starts no cooldown", async () => {
    await api.send("PUT", "/config/retry_after_max_seconds", { config_value: "0" });
    const report = (code: number) => api.post(`${base}/status`, { key: secretOf(1), code, retry_after: 20 });
    expect((await report(503)).json.data).toMatchObject({ action: "log" });
    expect((await report(429)).json.data).toMatchObject({ action: "cooldown" });
    expect((await api.get(`${base}/get`)).json.data).toMatchObject({ retryAfterSeconds: 300 });
  });

  it("refuses a retry_after that is neither seconds nor a date, which changes nothing", async () => {
    const message = "must be whole seconds from 0, or an HTTP date";
    for (const bad of [-1, 1.5, "soon", "1.5", "", true, {}]) {
      const { status, json } = await report(429, { retry_after: bad });
      expect([bad, status, json.details]).toEqual([bad, 400, [{ field: "retry_after", message }]]);
      expect((await api.get(`${base}/get`)).status).toBe(200);
    }
  });

  it("refuses a code that is none by name", async () => {
    const message = "must be an integer from 100 to 599";
    for (const bad of [0, 99, 600, 429.5, -1, "abc", "", "42", "4290", "0x1ad", true, null, [429], {}]) {
      const { status, json } = await report(bad);
      expect([bad, status, json.details]).toEqual([bad, 400, [{ field: "code", message }]]);
    }
  });

  it("turns a note that is a number or truth value into text and refuses an object", async () => {
    for (const note of ["text", 5, true, null, undefined])
      expect((await report(200, { note })).status).toBe(200);
    const notes = (await api.get(`${base}/logs`)).json.data.logs.map(({ note }: { note: unknown }) => note);
    expect(notes.slice(0, 5)).toEqual([null, null, "true", "5", "text"]);
    for (const note of [{}, ["x"]]) {
      const { status, json } = await report(200, { note });
      expect(status).toBe(400);
      expect(json.details[0].field).toBe("note");
    }
  });

  it("cuts a long note instead of refusing it", async () => {
    await report(200, { note: "x".repeat(5000) });
    expect((await api.get(`${base}/logs`)).json.data.logs[0].note).toHaveLength(500);
  });

  it("masks the key's own secret inside a note", async () => {
    await report(200, { note: `used ${secretOf(1)}!` });
    expect((await api.get(`${base}/logs`)).json.data.logs[0].note).toBe("used sekr***!");
  });

  it("answers 404 key_not_found for a key that is not in the pool", async () => {
    const { status, json } = await api.post(`${base}/status`, { key: secretOf(9), code: 200 });
    expect(status).toBe(404);
    expect(json).toEqual({ success: false, error: "Key not found", code: "key_not_found" });
  });

  it("names every bad field", async () => {
    const { status, json } = await api.post(`${base}/status`, { note: [] });
    expect(status).toBe(400);
    expect(json.details.map(({ field }: { field: string }) => field)).toEqual(["key", "code", "note"]);
    for (const field of ["key", "code", "note"]) expect(json.error).toContain(field);
  });

  it("changes a key once in a storm of reports", async () => {
    const answers = await Promise.all(Array.from({ length: rounds(40, 200) }, () => report(429)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(answers.filter(({ json }) => json.data.statusChanged)).toHaveLength(1);
  });
});
