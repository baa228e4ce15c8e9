import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { httpRoutes } from "../../../../src/adapters/http/index.ts";
import { type Api, type Json, openApi } from "../open-api.ts";

let api: Api;
let document: Json;
beforeAll(async () => {
  api = await openApi();
  document = (await api.get("/openapi.json")).json;
});
afterAll(() => api.close());

const asked = (accept: string) => api.send("GET", "/docs", undefined, { accept });
const operations = (): Json[] =>
  Object.values(document.paths).flatMap((item) => Object.values(item as object));

/** Every value under a name, wherever it stands. */
function valuesOf(name: string, json: Json): unknown[] {
  if (typeof json !== "object" || json === null) return [];
  return Object.entries(json).flatMap(([key, value]) => [
    ...(key === name ? [value] : []),
    ...valuesOf(name, value),
  ]);
}

describe("GET /docs", () => {
  it("is a page for a browser that needs nothing from elsewhere", async () => {
    const { status, headers, text } = await asked("text/html,application/xhtml+xml,*/*;q=0.8");
    expect([status, headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(headers.get("vary")).toBe("Accept");
    expect(text).not.toMatch(
      /<(script|link|img|iframe)\b|@import|url\(|src=|href="(?!#|\/api\/openapi\.json")/,
    );
    for (const [path, item] of Object.entries<Json>(document.paths)) {
      const base = item.get?.servers ? "" : "/api";
      expect(text).toContain(`<code>${base}${path}</code>`);
    }
    for (const [, target] of text.matchAll(/href="#([^"]+)"/g)) expect(text).toContain(`id="${target}"`);
    expect(text).not.toMatch(/undefined|\[object|NaN/);
  });

  it.each(["application/json", "*/*"])("is the OpenAPI document for Accept: %s", async (accept) => {
    const { headers, json } = await asked(accept);
    expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(json).toEqual(document);
  });
});

describe("the OpenAPI document", () => {
  it("tells of every route the API serves, and of no other", () => {
    const { pool, clock } = api;
    const routes = httpRoutes({ pool, clock, log: undefined as never, version: "" });
    const served = routes.map(({ method, path, role }) => `${method} ${path} ${role}`);
    const documented = Object.entries<Json>(document.paths).flatMap(([path, item]) =>
      Object.entries<Json>(item).map(([method, operation]) => {
        const [{ url }] = operation.servers ?? document.servers;
        const whole = `${url}${path}`.replace("//", "/").replace(/\{(\w+)\}/, ":$1");
        return `${method.toUpperCase()} ${whole} ${operation["x-role"]}`;
      }),
    );
    expect(documented.toSorted()).toEqual(served.toSorted());
  });

  it("has the shape of OpenAPI 3.1", () => {
    expect(document).toMatchObject({
      openapi: "3.1.0",
      info: { title: expect.any(String), version: "1.2.3" },
      servers: [{ url: "/api" }],
    });
    const ids = operations().map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const tags = document.tags.map(({ name }: Json) => name);
    for (const operation of operations()) {
      expect(operation).toMatchObject({ summary: expect.any(String), parameters: expect.any(Array) });
      expect(tags).toEqual(expect.arrayContaining(operation.tags));
      for (const [status, answer] of Object.entries<Json>(operation.responses)) {
        expect(status).toMatch(/^[2-5]\d\d$/);
        expect(answer.description).toEqual(expect.any(String));
      }
      for (const { name, in: place, required, schema } of operation.parameters) {
        expect([name, place, schema]).toEqual([expect.any(String), expect.any(String), expect.any(Object)]);
        expect(required).toBe(place === "path");
      }
    }
    for (const [path, item] of Object.entries<Json>(document.paths)) {
      for (const { parameters } of Object.values<Json>(item)) {
        const inPath = parameters
          .filter((one: Json) => one.in === "path")
          .map(({ name }: Json) => `{${name}}`);
        expect(path.match(/\{\w+\}/g) ?? []).toEqual(inPath);
      }
    }
  });

  it("says which operations need a token, and how it is sent", () => {
    expect(Object.keys(document.components.securitySchemes)).toEqual(["bearer", "apiKey"]);
    for (const { security, responses, "x-role": role } of operations()) {
      expect(security).toEqual(role === "anyone" ? [] : [{ bearer: [] }, { apiKey: [] }]);
      const refusals = ["401", "403", "421", "429"].filter((status) => status in responses);
      expect(refusals).toEqual(role === "anyone" ? ["403", "421"] : ["401", "403", "421", "429"]);
    }
  });

  it("refers only to schemas it has, and has none that nobody refers to", () => {
    const referred = new Set(valuesOf("$ref", document));
    const known = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
    expect([...referred].toSorted()).toEqual(known.toSorted());
    expect(valuesOf("$defs", document)).toEqual([]);
    expect(valuesOf("$schema", document)).toEqual([]);
  });

  it("tells what the requests are checked for", () => {
    const { requestBody } = document.paths["/keys"].post;
    expect(requestBody.content["application/json"].schema).toMatchObject({
      required: ["key", "region"],
      properties: { key: { type: "string", minLength: 8, maxLength: 256 }, region: { maxLength: 40 } },
    });
    expect(document.paths["/keys/logs"].get.parameters).toContainEqual({
      name: "limit",
      in: "query",
      required: false,
      schema: { type: "integer", minimum: 1, maximum: 1000 },
    });
  });

  it("tells of uploads that are no JSON, and so does the page", async () => {
    const { requestBody, parameters } = document.paths["/upload/create-keys"].post;
    expect(requestBody.content).toMatchObject({
      "text/csv": { schema: { type: "string" }, example: expect.stringMatching(/^key,region/) },
      "text/plain": { schema: { type: "string" }, example: expect.any(String) },
    });
    expect(parameters.map(({ name }: Json) => name)).toContain("region");
    expect((await asked("text/html")).text).toContain("Or as text/csv");
  });

  it("gives examples that are accepted", async () => {
    for (const [path, item] of Object.entries<Json>(document.paths)) {
      for (const [media, { example }] of Object.entries<Json>(item.post?.requestBody?.content ?? {})) {
        if (example === undefined || path.includes("test")) continue;
        const query = media === "text/plain" ? "?region=westus" : "";
        const { json } = await api.send("POST", path + query, example, { "content-type": media });
        expect([path, media, json.code]).not.toEqual([path, media, "invalid_request"]);
        expect(json.code).not.toBe("unsupported_media_type");
      }
    }
  });
});
