import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { answersOf } from "../../../../src/adapters/http/docs/answers-of.ts";
import { exampleOf, UNKNOWN } from "../../../../src/adapters/http/docs/example-of.ts";
import { httpRoutes } from "../../../../src/adapters/http/index.ts";
import { metricsRoutes } from "../../../../src/adapters/http/system/metrics-routes.ts";
import { createMetrics } from "../../../../src/adapters/prometheus/index.ts";
import { type Api, type Json, openApi } from "../open-api.ts";

/** Served where there are metrics. */
const MONITORED = metricsRoutes(createMetrics());

let api: Api;
let document: Json;
beforeAll(async () => {
  api = await openApi(undefined, MONITORED);
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
    const loaded = Array.from(text.matchAll(/ (?:src|href)="(?!#)([^"]+)"/g), ([, url]) => url);
    expect(loaded).toEqual(["data:,", "docs/docs.css", "docs/docs.js", "openapi.json"]);
    expect(text).not.toMatch(/<(img|iframe|style)\b|<script[^>]*>[^<]| on\w+=| style=|@import|url\(/);
    for (const [path, type] of Object.entries({ "docs.css": "text/css", "docs.js": "text/javascript" })) {
      const file = await fetch(`${api.url}/api/docs/${path}`);
      expect([file.status, file.headers.get("content-type")]).toEqual([200, `${type}; charset=utf-8`]);
      expect(await file.text()).not.toMatch(/https?:|@import|\burl\(|\beval\(|innerHTML/);
    }
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
    const routes = httpRoutes({ pool, clock, log: undefined as never, version: "", routes: MONITORED });
    const served = routes.map(({ method, path, role }) => `${method} ${path} ${role}`);
    const documented = Object.entries<Json>(document.paths).flatMap(([path, item]) =>
      Object.entries<Json>(item).map(([method, operation]) => {
        const [{ url }] = operation.servers ?? document.servers;
        // As a reader of the document resolves it.
        const server = new URL(url, `${api.url}/api/openapi.json`).pathname;
        const whole = `${server}${path.slice(1)}`.replace(/(?<=.)\/$/, "").replace(/\{(\w+)\}/, ":$1");
        return `${method.toUpperCase()} ${whole} ${operation["x-role"]}`;
      }),
    );
    expect(documented.toSorted()).toEqual(served.toSorted());
  });

  it("has the shape of OpenAPI 3.1", () => {
    expect(document).toMatchObject({
      openapi: "3.1.0",
      info: { title: expect.any(String), version: "1.2.3" },
      servers: [{ url: "." }],
    });
    const ids = operations().map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const tags = document.tags.map(({ name }: Json) => name);
    for (const operation of operations()) {
      expect(operation).toMatchObject({ summary: expect.any(String), parameters: expect.any(Array) });
      expect(operation.description, operation.operationId).toMatch(/\.$/);
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
      example: 50,
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
    const { text = "" } = (await api.pool.access?.create({ name: "root", role: "admin" })) ?? {};
    for (const [path, item] of Object.entries<Json>(document.paths)) {
      for (const [method, { parameters, requestBody, responses }] of Object.entries<Json>(item)) {
        const isStream = "text/event-stream" in (responses[200]?.content ?? {});
        const bodies = Object.entries<Json>(requestBody?.content ?? { "": {} });
        for (const [media, { example }] of bodies) {
          // What the query says of a text stands in the body where that is JSON.
          const isInBody = bodies.length > 1 && media === "application/json";
          const query = isInBody ? [] : parameters.filter((one: Json) => one.in === "query");
          if (path.includes("test") || (example === undefined && query.length === 0)) continue;
          const sent = new URLSearchParams(query.map((one: Json) => [one.name, String(one.example)]));
          const where = `${path.replace(/\{\w+\}/, "1")}?${sent}`;
          const answer = await api.send(isStream ? "HEAD" : method.toUpperCase(), where, example, {
            "x-api-key": text,
            ...(media !== "" && { "content-type": media }),
          });
          expect([method, where, media, answer.json?.error, answer.status]).not.toEqual([
            ...[method, where, media, answer.json?.error, 400],
          ]);
          expect([method, where, answer.status]).not.toEqual([method, where, 401]);
        }
      }
    }
  });

  it("gives an example of each answer, which is such an answer and leaves nothing unsaid", () => {
    const { pool, clock } = api;
    for (const route of httpRoutes({
      pool,
      clock,
      log: undefined as never,
      version: "",
      routes: MONITORED,
    })) {
      const path = route.path.replace(/^\/api(?=\/)/, "").replace(/:(\w+)/, "{$1}");
      const { responses } = document.paths[path][route.method.toLowerCase()];
      for (const [status, { schema, mediaType = "application/json" }] of Object.entries(answersOf(route))) {
        if (!schema) continue;
        const what = `${route.method} ${route.path} ${status}`;
        const { example } = responses[status].content[mediaType];
        expect(schema.safeParse(example).error, what).toBeUndefined();
        expect(JSON.stringify(example), `${what}: give it an example, or its fields a sample`).not.toContain(
          UNKNOWN,
        );
      }
    }
  });

  it("says what each heading is about", () => {
    for (const { name, description } of document.tags) expect(description, name).toMatch(/\.$/);
  });
});

describe("an example of a schema", () => {
  const of = (schema: z.ZodType) =>
    exampleOf(z.toJSONSchema(schema) as Record<string, unknown>, { schemas: {} });

  it("shows that nobody has said what a text looks like", () => {
    expect(of(z.strictObject({ wholly_new: z.string() }))).toEqual({ wholly_new: UNKNOWN });
    const said = z.string().meta({ examples: ["as said"] });
    expect(of(z.strictObject({ wholly_new: said }))).toEqual({ wholly_new: "as said" });
  });

  it("takes a sample only where the schema allows it", () => {
    const fields = { code: z.enum(["a", "b"]), region: z.int().min(3), keyname: z.string() };
    expect(of(z.strictObject(fields))).toEqual({ code: "a", region: 3, keyname: "Production Key 1" });
  });

  it("leaves out what may be absent and holds null where it may, without a sample", () => {
    const fields = { gone: z.string().exactOptional(), none: z.int().nullable(), tag: z.string().nullable() };
    expect(of(z.strictObject(fields))).toEqual({ none: null, tag: "production" });
  });
});
