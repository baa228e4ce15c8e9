import { setImmediate as nextTurn } from "node:timers/promises";
import { z } from "zod";
import { BASE } from "../http-routes.ts";
import { answersOf } from "./answers-of.ts";
import type { DocumentedAnswer, Operation } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";

/** JSON that is part of the document. */
export type Json = { readonly [name: string]: unknown };

export interface OpenApiDocument {
  readonly openapi: "3.1.0";
  readonly info: Json;
  readonly servers: readonly Json[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>> };
}

const DESCRIPTION = `A pool of Azure Speech and Translator keys: ask for a usable key, call Azure yourself, report the code you got.

Answers are \`{success: true, data, message}\` or \`{success: false, error, code}\`. Times are ISO 8601 in UTC. Every answer has an \`X-Request-Id\`, the caller's own if it sent one. Keys are masked everywhere but in a hand-out.`;

/** The API as OpenAPI 3.1, made from the schemas that check the requests. */
export async function openApiDocument(version: string): Promise<OpenApiDocument> {
  const schemas: Record<string, Json> = {};
  const paths: Record<string, Record<string, Json>> = {};
  const tags = new Set<string>();
  for (const [path, operations] of Object.entries(OPERATIONS)) {
    const item: Record<string, Json> = {};
    for (const [method, operation] of Object.entries(operations)) {
      tags.add(operation.tag);
      item[method.toLowerCase()] = describe(method, path, operation, schemas);
    }
    paths[path.replace(":key", "{key}")] = item;
    // All of it at once would hold up the hand-outs for a tenth of a second.
    await nextTurn();
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Azure Key Pool",
      version,
      description: DESCRIPTION,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: BASE }],
    tags: Array.from(tags, (name) => ({ name })),
    paths,
    components: { schemas },
  };
}

function describe(method: string, path: string, operation: Operation, schemas: Record<string, Json>): Json {
  const { tag, summary, description, body, example } = operation;
  const content = body && {
    "application/json": {
      schema: schemaOf(body, "input", schemas),
      ...(example !== undefined && { example }),
    },
  };
  return {
    operationId: operationId(method, path),
    tags: [tag],
    summary,
    ...(description && { description }),
    parameters: parametersOf(operation, schemas),
    ...(content && { requestBody: { required: true, content } }),
    responses: Object.fromEntries(
      Object.entries(answersOf(operation)).map(([status, answer]) => [status, response(answer, schemas)]),
    ),
  };
}

function parametersOf({ key, query }: Operation, schemas: Record<string, Json>): readonly Json[] {
  const inPath = key
    ? [{ name: "key", in: "path", required: true, description: key, schema: { type: "string" } }]
    : [];
  const inQuery = Object.entries(query?.shape ?? {}).map(([name, field]) => ({
    name,
    in: "query",
    required: false,
    schema: schemaOf(field as z.ZodType, "input", schemas),
  }));
  return [...inPath, ...inQuery];
}

function response(answer: DocumentedAnswer, schemas: Record<string, Json>): Json {
  const { description, schema, page = false, headers = {} } = answer;
  const told = Object.entries(headers).map(([name, description]) => [
    name,
    { description, schema: { type: "string" } },
  ]);
  const content = schema && {
    ...(page && { "text/html": { schema: { type: "string" } } }),
    "application/json": { schema: schemaOf(schema, "output", schemas) },
  };
  return {
    description,
    ...(told.length > 0 && { headers: Object.fromEntries(told) }),
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
