import { afterEach, beforeEach, describe, expect, it } from "vitest";
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

  it.each([0, 99, 600, 429.5, -1, "abc", "", "42", "4290", "0x1ad", true, null, [429], {}])(
    "refuses the code %j by name",
    async (code) => {
      const { status, json } = await report(code);
      expect(status).toBe(400);
      expect(json.details).toEqual([{ field: "code", message: "must be an integer from 100 to 599" }]);
    },
  );

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

  it("changes a key once in a storm of 200 reports", async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, () => report(429)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(answers.filter(({ json }) => json.data.statusChanged)).toHaveLength(1);
  });
});
