import type { Next } from "koa";
import type { Handler, RequestContext, Routes } from "./request-context.ts";

/**
 * Answers a few much-used routes by one look-up, ahead of the router, which tries one expression after
 * another. The router knows them too, for HEAD and for methods that are not allowed.
 */
export function hotRoutes(routes: Routes, hot: readonly (readonly ["GET" | "POST", string])[]) {
  const handlers = new Map<string, { readonly method: string; readonly handler: Handler }>();
  for (const [method, path] of hot) {
    const handler = routes[path]?.[method];
    if (!handler) throw new Error(`There is no route ${method} ${path}`);
    handlers.set(path, { method, handler });
  }
  return (ctx: RequestContext, next: Next) => {
    const { url = "", method } = ctx.req;
    const mark = url.indexOf("?");
    const path = mark < 0 ? url : url.slice(0, mark);
    const found = handlers.get(path);
    if (found?.method !== method) return next();
    ctx.state.route = path;
    ctx.state.hot = true;
    return found?.handler(ctx);
  };
}
