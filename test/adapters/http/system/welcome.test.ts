import { afterAll, beforeAll, expect, it } from "vitest";
import { type Api, type Json, openApi } from "../open-api.ts";

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

it.each(["/", "/api"])("GET %s says what this is and where the documents are", async (path) => {
  const answer = await fetch(api.url + path);
  expect(answer.status).toBe(200);
  const { data } = (await answer.json()) as Json;
  expect(data).toEqual({
    name: "Azure Key Pool",
    version: "1.2.3",
    links: { docs: "/api/docs", openapi: "/api/openapi.json", health: "/api/health" },
  });
  for (const link of Object.values<string>(data.links))
    expect((await fetch(api.url + link)).status).toBe(200);
});

it("GET / sends a browser to the documentation", async () => {
  const headers = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
  const { status, headers: answered } = await fetch(`${api.url}/`, { headers, redirect: "manual" });
  expect([status, answered.get("location"), answered.get("vary")]).toEqual([302, "/api/docs", "Accept"]);
});

it("is documented like any other answer", async () => {
  expect((await api.get("")).status).toBe(200);
  expect((await api.send("DELETE", "")).headers.get("allow")).toBe("GET, HEAD, OPTIONS");
});
