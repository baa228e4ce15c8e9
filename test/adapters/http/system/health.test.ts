import { expect, it } from "vitest";
import type { HealthIndicator, PartHealth } from "../../../../src/domain/index.ts";
import { addKeys, openApi } from "../open-api.ts";

async function healthWith(health: PartHealth, essential: boolean) {
  const indicator: HealthIndicator = { part: "database", essential, check: async () => health };
  const api = await openApi((ports) => ({ ...ports, health: [indicator] }));
  api.clock.advance(12_500);
  const answer = await api.get("/health");
  await api.close();
  return answer;
}

it("answers 200 healthy with version, uptime and the state of each part", async () => {
  const { status, json } = await healthWith({ status: "up" }, true);
  expect(status).toBe(200);
  expect(json).toMatchObject({
    success: true,
    data: {
      status: "healthy",
      version: "1.2.3",
      uptime: 12,
      parts: { database: { status: "up" }, writes: { status: "up" } },
    },
  });
});

it("answers 200 degraded and says what is missing", async () => {
  const { status, json } = await healthWith({ status: "down", reason: "no connection" }, false);
  expect(status).toBe(200);
  expect(json.data).toMatchObject({
    status: "degraded",
    parts: { database: { status: "down", reason: "no connection" } },
  });
});

it("answers 503 unhealthy when keys cannot be handed out", async () => {
  const { status, json } = await healthWith({ status: "down", reason: "no connection" }, true);
  expect(status).toBe(503);
  expect(json).toMatchObject({ success: false, code: "unhealthy", data: { status: "unhealthy" } });
});

it("tells of each service how many keys there are, also that there are none", async () => {
  const api = await openApi();
  const keys = async () => {
    const { status, json } = await api.get("/health");
    return [status, (json.data as { readonly keys: unknown }).keys];
  };
  expect(await keys()).toEqual([200, { speech: 0, translation: 0 }]);
  await addKeys(api, 2);
  expect(await keys()).toEqual([200, { speech: 2, translation: 0 }]);
  await api.close();
});
