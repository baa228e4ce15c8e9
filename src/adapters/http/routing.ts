import { METHODS } from "node:http";
import { Router } from "@koa/router";
import type { Next } from "koa";
import { isDecodable } from "./read-query.ts";
import { invalid, Refusal } from "./refusal.ts";
import type { Handler, RequestContext, RequestState, Routes } from "./request-context.ts";

/** The router of all routes; methods that a path does not know are refused with the ones it does. */
export function routing(routes: Routes) {
  const router = new Router<RequestState>();
  for (const [path, handlers] of Object.entries(routes)) {
    const methods = Object.keys(handlers);
    const on = (names: string[], handler: Handler) =>
      router.register(path, names, (ctx: RequestContext) => {
        ctx.state.route = path;
        return handler(ctx);
      });
    for (const [method, handler] of Object.entries(handlers)) on([method], handler);
    on(METHODS, refuseMethod(methods));
  }
  return router.routes();
}

/** The router takes broken percent-encoding as it stands; nothing that follows could tell what was meant. */
export function refuseBrokenEncoding(ctx: RequestContext, next: Next): Promise<unknown> {
  for (const field of ["path", "querystring"] as const) {
    if (!isDecodable(ctx[field])) {
      throw invalid({ field: field === "path" ? field : "query", message: "has broken percent-encoding" });
    }
  }
  return next();
}

export function refuseUnknownPath(): never {
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
