import { afterEach, beforeEach, expect, it } from "vitest";
import { type Api, openApi } from "../open-api.ts";

const original = Object.getOwnPropertyDescriptor(globalThis, "Response") as PropertyDescriptor;
let asked = 0;

let api: Api;
beforeEach(async () => {
  api = await openApi();
  const { Response } = globalThis;
  Object.defineProperty(globalThis, "Response", {
    configurable: true,
    get: () => {
      asked += 1;
      return Response;
    },
  });
});
afterEach(async () => {
  Object.defineProperty(globalThis, "Response", original);
  await api.close();
});

it("answers of every kind leave the classes of fetch unloaded", async () => {
  const statuses: number[] = [];
  for (const path of ["/health", "/keys", "/keys/get", "/keys/get?region=eastasia", "/nothing", "/keys/%zz"])
    statuses.push((await api.get(path)).status);
  expect(statuses).toEqual([200, 200, 404, 404, 404, 400]);
  expect(asked).toBe(0);
});
