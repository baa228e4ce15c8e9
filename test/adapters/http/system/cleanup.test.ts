import { afterEach, beforeEach, expect, it } from "vitest";
import { type Api, addKeys, openApi } from "../open-api.ts";

let api: Api;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

it("tells what is kept, and that nothing has been cleaned up yet", async () => {
  expect((await api.get("/system/cleanup")).json.data).toEqual({
    running: false,
    last_run: null,
    rows_removed: 0,
    next_run: "2026-01-01T00:01:00.000Z",
    settings: { log_retention_days: 30, log_max_rows: 1_000_000 },
  });
});

it("cleans up when it is told to, and remembers it", async () => {
  await addKeys(api, 3);
  api.clock.advance(31 * 86_400_000);
  await api.post("/keys/1/disable");
  const { status, json } = await api.post("/system/cleanup");
  const data = {
    running: false,
    last_run: "2026-02-01T00:00:00.000Z",
    rows_removed: 3,
    next_run: "2026-01-01T00:01:00.000Z",
    settings: { log_retention_days: 30, log_max_rows: 1_000_000 },
  };
  expect([status, json.data]).toEqual([200, data]);
  expect((await api.get("/system/cleanup")).json.data).toEqual(data);
  expect((await api.post("/system/cleanup", {})).json.data.rows_removed).toBe(0);
});
