import { setImmediate as nextTurn } from "node:timers/promises";
import { z } from "zod";
import { BASE } from "../server/base-path.ts";
import type { DocumentedAnswer, RouteContract } from "../server/route.ts";
import { answersOf } from "./answers-of.ts";
import type { OpenApiDocument } from "./docs-answers.ts";
import { exampleOf } from "./example-of.ts";
import type { Json } from "./json.ts";
import { TAGS } from "./tags.ts";

const DESCRIPTION = `A pool of Azure Speech and Translator keys: ask for a usable key, call Azure yourself, report the code you got.

Answers are \`{success: true, data, message}\` or \`{success: false, error, code}\`. Times are ISO 8601 in UTC. Every answer has an \`X-Request-Id\`, the caller's own if it sent one. Keys are masked everywhere but in a hand-out.

While no token exists, programs on the server's own machine may do everything. From the first token on, each request but a few needs one, as \`Authorization: Bearer\` or as \`X-API-Key\`.`;

/** The routes as OpenAPI 3.1, made from the schemas that check the requests. */
export async function openApiDocument(
  version: string,
  routes: readonly RouteContract[],
): Promise<OpenApiDocument> {
  const schemas: Record<string, Json> = {};
  const paths: Record<string, Record<string, Json>> = {};
  const tags = new Set<string>();
  for (const route of routes) {
    tags.add(route.tag);
    const path = documentedPath(route.path).replace(NAME_IN_PATH, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describe(route, schemas) };
    // All of it at once would hold up the hand-outs for a tenth of a second.
    await nextTurn();
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Azure Key Pool",
      version,
      description: DESCRIPTION,
      contact: { name: "Whoever runs this server" },
      license: { name: "MIT", identifier: "MIT" },
    },
    // Relative to the document, which may be behind any prefix.
    servers: [{ url: "." }],
    tags: Array.from(tags, (name) => ({ name, ...(TAGS[name] && { description: TAGS[name] }) })),
    paths,
    components: { schemas, securitySchemes: SECURITY_SCHEMES },
  };
}

/** Such as `:key`. */
const NAME_IN_PATH = /:(\w+)/;

const SECURITY_SCHEMES = {
  bearer: { type: "http", scheme: "bearer", description: "A token; none is needed while none exists" },
  apiKey: { type: "apiKey", in: "header", name: "X-API-Key", description: "The same token" },
};

/** Below the server's URL; a path outside of it brings its own. */
function documentedPath(path: string): string {
  return isBelowBase(path) ? path.slice(BASE.length) : path;
}

function isBelowBase(path: string): boolean {
  return path.startsWith(`${BASE}/`);
}

function describe(route: RouteContract, schemas: Record<string, Json>): Json {
  const { method, path, tag, summary, description, role, example, texts = {} } = route;
  const body = route.documentedBody ?? route.body;
  const content = body && {
    "application/json": { schema: schemaOf(body, "input", schemas), example },
    ...Object.fromEntries(
      Object.entries(texts).map(([media, { description, example }]) => [
        media,
        { schema: { type: "string", description }, example },
      ]),
    ),
  };
  return {
    operationId: operationId(method, isBelowBase(path) ? documentedPath(path) : `root${path}`),
    tags: [tag],
    ...(!isBelowBase(path) && { servers: [{ url: ".." }] }),
    summary,
    description,
    "x-role": role,
    security: role === "anyone" ? [] : Object.keys(SECURITY_SCHEMES).map((scheme) => ({ [scheme]: [] })),
    parameters: parametersOf(route, schemas),
    ...(content && { requestBody: { required: true, content } }),
    responses: Object.fromEntries(
      Object.entries(answersOf(route)).map(([status, answer]) => [status, response(answer, schemas)]),
    ),
  };
}

function parametersOf(
  { path, key, keyExample = "1", query }: RouteContract,
  schemas: Record<string, Json>,
): readonly Json[] {
  const name = NAME_IN_PATH.exec(path)?.[1];
  const inPath = name
    ? [
        {
          ...{ name, in: "path", required: true, ...(key && { description: key }) },
          ...{ schema: { type: "string" }, example: keyExample },
        },
      ]
    : [];
  const inQuery = Object.entries(query?.shape ?? {}).map(([name, field]) => {
    const schema = schemaOf(field as z.ZodType, "input", schemas);
    return { name, in: "query", required: false, schema, example: exampleOf(schema, { schemas }, name) };
  });
  return [...inPath, ...inQuery];
}

function response(answer: DocumentedAnswer, schemas: Record<string, Json>): Json {
  const { description, schema, mediaType = "application/json", page = false, headers = {} } = answer;
  const documented = Object.entries(headers).map(([name, description]) => [
    name,
    { description, schema: { type: "string" } },
  ]);
  const json = schema && schemaOf(schema, "output", schemas);
  const content = json && {
    ...(page && { "text/html": { schema: { type: "string" }, example: "<!doctype html>…" } }),
    [mediaType]: {
      schema: json,
      example: answer.example ?? exampleOf(json, { schemas, samples: answer.samples }),
    },
  };
  return {
    description,
    ...(documented.length > 0 && { headers: Object.fromEntries(documented) }),
    ...(content && { content }),
  };
}

/** A schema as JSON; what has a name of its own goes to the shared ones and is referred to. */
function schemaOf(schema: z.ZodType, io: "input" | "output", schemas: Record<string, Json>): Json {
  const {
    $schema,
    $defs = {},
    ...json
  } = z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    override: withoutSafeLimits,
  }) as Json;
  for (const [name, shared] of Object.entries($defs as Record<string, Json>)) {
    schemas[name] ??= withSharedReferences(shared);
  }
  return withSharedReferences(json);
}

/** That an integer is one JavaScript can hold goes without saying. */
function withoutSafeLimits({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
}

function withSharedReferences(json: Json): Json {
  return JSON.parse(JSON.stringify(json).replaceAll('"#/$defs/', '"#/components/schemas/'));
}

/** Such as `postKeysKeyEnable`. */
function operationId(method: string, path: string): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter(Boolean);
  return method.toLowerCase() + words.map((word) => word[0]?.toUpperCase() + word.slice(1)).join("");
}
