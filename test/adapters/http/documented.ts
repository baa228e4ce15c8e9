import { z } from "zod";
import { answersOf } from "../../../src/adapters/http/docs/answers-of.ts";
import { failure, type Operation } from "../../../src/adapters/http/docs/operation.ts";
import { OPERATIONS } from "../../../src/adapters/http/docs/operations.ts";
import type { Answer } from "./open-api.ts";

// Of the router's mind: the case does not matter, nor does a slash at the end.
const ROUTES = Object.entries(OPERATIONS).map(([path, operations]) => ({
  pattern: new RegExp(`^/api${path.replace(":key", "[^/]+")}/?$`, "i"),
  operations: operations as Readonly<Record<string, Operation>>,
}));

const UNKNOWN_PATH = { 400: failure("invalid_request"), 404: failure("not_found") };
const UNKNOWN_METHOD = { 400: failure("invalid_request"), 405: failure("method_not_allowed") };

/** Throws unless the answer is one that the documentation tells of, field by field. */
export function expectDocumented(
  method: string,
  path: string,
  { status, headers, text, json }: Answer,
): void {
  const isHead = method === "HEAD";
  const schema = schemasFor(method, path)[status];
  const what = `${method} ${path} answered ${status} ${text.slice(0, 500)}`;
  if (method === "OPTIONS" && status === 204) return;
  if (schema === undefined) throw new Error(`${what}, which is not documented`);
  if (isHead || headers.get("content-type")?.startsWith("text/html")) return;
  const parsed = schema.safeParse(json);
  if (!parsed.success)
    throw new Error(`${what}, which is not as documented: ${z.prettifyError(parsed.error)}`);
}

function schemasFor(method: string, path: string): Readonly<Record<number, z.ZodType>> {
  const operations = ROUTES.find(({ pattern }) => pattern.test(path))?.operations;
  if (!operations) return UNKNOWN_PATH;
  const operation = operations[method] ?? (method === "HEAD" ? operations.GET : undefined);
  if (!operation) return UNKNOWN_METHOD;
  return Object.fromEntries(
    Object.entries(answersOf(operation)).map(([status, { schema = z.unknown() }]) => [status, schema]),
  );
}
