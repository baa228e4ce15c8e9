import { z } from "zod";
import { answersOf } from "../../../src/adapters/http/docs/answers-of.ts";
import { failure, type Route } from "../../../src/adapters/http/index.ts";
import type { Answer } from "./open-api.ts";

const DOOR = {
  400: failure("invalid_request"),
  401: failure("unauthorized"),
  403: failure(["cross_site", "behind_proxy"]),
  415: failure("unsupported_media_type"),
  421: failure("misdirected"),
  429: failure("too_many_attempts"),
};
const UNKNOWN_PATH = { ...DOOR, 404: failure("not_found") };
const UNKNOWN_METHOD = { ...DOOR, 405: failure("method_not_allowed") };

/** Throws unless the answer is one that the documentation of the routes promises, field by field. */
export function expectDocumented(
  routes: readonly Route[],
  method: string,
  path: string,
  { status, headers, text, json }: Answer,
): void {
  const isHead = method === "HEAD";
  const schema = schemasFor(routes, method, path)[status];
  const what = `${method} ${path} answered ${status} ${text.slice(0, 500)}`;
  if (method === "OPTIONS" && status === 204) return;
  if (schema === undefined) throw new Error(`${what}, which is not documented`);
  // Of a stream that does not end, nothing was read.
  if (isHead || /^text\/(html|event-stream)/.test(headers.get("content-type") ?? "")) return;
  const parsed = schema.safeParse(json);
  if (!parsed.success)
    throw new Error(`${what}, which is not as documented: ${z.prettifyError(parsed.error)}`);
}

type Schemas = Readonly<Record<number, z.ZodType>>;

function schemasFor(routes: readonly Route[], method: string, path: string): Schemas {
  const matching = routes.filter((route) => patternOf(route).test(path));
  // A fixed path goes before one with a parameter.
  const [{ path: first = "" } = {}] = matching.toSorted(
    (a, b) => a.path.split(":").length - b.path.split(":").length,
  );
  const there = matching.filter((route) => route.path === first);
  if (there.length === 0) return UNKNOWN_PATH;
  const found =
    there.find((route) => route.method === method) ??
    (method === "HEAD" ? there.find((route) => route.method === "GET") : undefined);
  if (!found) return UNKNOWN_METHOD;
  return schemasOf(found);
}

const known = new WeakMap<Route, Schemas>();

function schemasOf(route: Route): Schemas {
  const schemas =
    known.get(route) ??
    Object.fromEntries(
      Object.entries(answersOf(route)).map(([status, { schema = z.unknown() }]) => [status, schema]),
    );
  known.set(route, schemas);
  return schemas;
}

const patterns = new Map<string, RegExp>();

/** What the paths of requests for a route look like. */
export function patternOf({ path }: Route): RegExp {
  const pattern =
    patterns.get(path) ?? new RegExp(`^${path.replaceAll(".", "\\.").replace(/:\w+/, "[^/]+")}$`);
  patterns.set(path, pattern);
  return pattern;
}
