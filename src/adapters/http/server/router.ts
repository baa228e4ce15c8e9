import { createRequire } from "node:module";
import type { Next } from "koa";
import type { Guard } from "./guard.ts";
import { answerWith } from "./hot-routes.ts";
import { METHODS } from "./node-http.ts";
import { isDecodable } from "./read-query.ts";
import { invalid, Refusal } from "./refusal.ts";
import type { Handler, RequestContext, RequestState } from "./request-context.ts";
import type { Route } from "./route.ts";

/** As an ES module it imports `node:http`, which `node-http.ts` does not. */
const { Router } = createRequire(import.meta.url)("@koa/router") as typeof import("@koa/router");

/**
 * The router of all routes; methods that a path does not know are refused with the ones it does. Paths match
 * exactly. Throws when two routes have the same method and path.
 */
export function routing(routes: readonly Route[], guard: Guard) {
  const router = new Router<RequestState>({ sensitive: true, strict: true });
  for (const [path, found] of fixedFirst(Map.groupBy(routes, ({ path }) => path))) {
    // GET answers HEAD where that has no route of its own.
    const those = found.toSorted((a, b) => Number(b.method === "HEAD") - Number(a.method === "HEAD"));
    const methods = those.map(({ method }) => method);
    const twice = methods.find((method, n) => methods.indexOf(method) !== n);
    if (twice) throw new Error(`There are two routes ${twice} ${path}`);
    for (const route of those) {
      router.register(path, [route.method], (ctx: RequestContext) => answerWith(route, ctx));
    }
    const refuse = refuseMethod(methods);
    router.register(path, METHODS, (ctx: RequestContext) => {
      ctx.state.route = path;
      guard.admit(ctx, ANY_ROLE);
      return refuse(ctx);
    });
  }
  return router.routes();
}

/** The first path that matches answers, so `/keys/logs` goes before `/keys/:key`. */
function fixedFirst(paths: ReadonlyMap<string, readonly Route[]>) {
  const isFixed = (path: string) => !path.includes("/:");
  return [...paths].toSorted(([one], [other]) => Number(isFixed(other)) - Number(isFixed(one)));
}

/** A target may be a whole URL, of which only path and query are ours. */
export function readTarget(ctx: RequestContext, next: Next): Promise<unknown> {
  const { url = "" } = ctx.req;
  // No part of a target (RFC 9112, 3.2), and what reads paths further on takes what is ahead of it for a host.
  if (url.includes("#")) throw invalid({ field: "path", message: "must have no fragment" });
  if (!url.startsWith("/") && url !== "*") {
    const [, path = ""] = /^[^/?#]*\/\/[^/?#]*(.*)$/.exec(url) ?? [];
    if (!URL.canParse(url)) throw invalid({ field: "path", message: "is not a path or URL" });
    ctx.req.url = path.startsWith("/") ? path : `/${path}`;
  }
  return next();
}

/** The router takes broken percent-encoding as it is; nothing that follows could tell what was meant. */
export function refuseBrokenEncoding(ctx: RequestContext, next: Next): Promise<unknown> {
  for (const field of ["path", "querystring"] as const) {
    if (!isDecodable(ctx[field])) {
      throw invalid({ field: field === "path" ? field : "query", message: "has broken percent-encoding" });
    }
  }
  return next();
}

/** Who may learn which paths and methods there are. */
export const ANY_ROLE = { role: "any role" } as const;

export function refuseUnknownPath(ctx: RequestContext, guard: Guard): never {
  guard.admit(ctx, ANY_ROLE);
  throw new Refusal("not_found", "There is nothing at this path");
}

function refuseMethod(methods: readonly string[]): Handler {
  const known = new Set(methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])));
  const headers = { Allow: [...known, "OPTIONS"].join(", ") };
  return (ctx) => {
    if (ctx.method !== "OPTIONS") {
      throw new Refusal("method_not_allowed", "This path does not know this method", headers);
    }
    ctx.set(headers);
    ctx.status = 204;
  };
}
