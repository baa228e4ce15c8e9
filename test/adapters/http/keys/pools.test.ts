import { expect, it } from "vitest";
import { openApi, secretOf } from "../open-api.ts";

it("GET /pools counts each pool of both services, and says when the next key is back", async () => {
  const api = await openApi();
  try {
    await api.post("/keys", { key: secretOf(1), region: "eastus" });
    await api.post("/keys", { key: secretOf(2), region: "eastus" });
    await api.post("/translation/keys", { key: secretOf(1), region: "global" });
    await api.post("/keys/status", { key: secretOf(1), code: 429 });
    await api.post("/translation/keys/3/disable");
    const { status, json } = await api.get("/pools");
    expect(status).toBe(200);
    expect(json.data).toEqual([
      {
        service: "speech",
        region: "eastus",
        enabled: 1,
        cooldown: 1,
        disabled: 0,
        next_available_at: "2026-01-01T00:05:00.000Z",
      },
      {
        service: "translation",
        region: "global",
        enabled: 0,
        cooldown: 0,
        disabled: 1,
        next_available_at: null,
      },
    ]);
  } finally {
    await api.close();
  }
});
