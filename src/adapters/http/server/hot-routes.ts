import type { Next } from "koa";
import type { Guard } from "./guard.ts";
import type { RequestContext } from "./request-context.ts";
import type { Route } from "./route.ts";

/**
 * Answers a few much-used routes by one look-up, ahead of the router, which tries one expression after
 * another. The router knows them too, for HEAD and for methods that are not allowed.
 */
export function hotRoutes(routes: readonly Route[]) {
  const hot = new Map(routes.filter((route) => route.hot).map((route) => [route.path, route]));
  return (ctx: RequestContext, next: Next) => {
    const { url = "", method } = ctx.req;
    const mark = url.indexOf("?");
    const found = hot.get(mark < 0 ? url : url.slice(0, mark));
    return found !== undefined && found.method === method ? answerWith(found, ctx) : next();
  };
}

/** The route with the guard in it, asked before anything of the request is read. */
export function guarded(route: Route, guard: Guard): Route {
  return {
    ...route,
    answer: (ctx) => {
      const admit = () => guard.admit(ctx, route);
      admit();
      ctx.state.recheck = admit;
      return route.answer(ctx);
    },
  };
}

export function answerWith(route: Route, ctx: RequestContext): void | Promise<void> {
  ctx.state.route = route.path;
  if (route.logged) ctx.state.logged = route.logged;
  return route.answer(ctx);
}
