import type { IncomingMessage, ServerResponse } from "node:http";
import type Koa from "koa";
import type { Next } from "koa";
import type { Guard } from "./guard.ts";
import type { HttpMetrics } from "./http-metrics.ts";
import { type Handler, type RequestContext, type RequestState, rawPath } from "./request-context.ts";
import type { Route } from "./route.ts";

interface RequestTarget {
  readonly url?: string | undefined;
  readonly method?: string | undefined;
}

/** A route with a name in its path, and what stands before and behind that. */
interface NamedRoute {
  readonly route: Route;
  readonly before: string;
  readonly behind: string;
}

/**
 * Finds a few much-used routes by one look-up, and a few more by how they begin and end, where the router tries one
 * expression after another.
 */
export class HotRoutes {
  readonly #byPath: ReadonlyMap<string, Route>;
  readonly #named: readonly NamedRoute[];

  constructor(routes: readonly Route[]) {
    const hot = routes.filter(({ hot }) => hot);
    this.#byPath = new Map(hot.map((route) => [route.path, route]));
    this.#named = hot.flatMap(namedRoute);
  }

  /** Ahead of the router, which knows them too, for HEAD and for methods that are not allowed. */
  readonly middleware = (ctx: RequestContext, next: Next) => {
    const found = this.#find(ctx.req);
    return found === undefined ? next() : answerWith(found, ctx);
  };

  /**
   * Lets the app's hot requests go `around` their answer and past the rest of Koa: the listener that it hangs on each
   * response, to report a socket that broke, costs a sixth of a hand-out, and the connection hears of that by itself.
   */
  shortcut(app: Koa<RequestState>, around: (ctx: RequestContext, next: Next) => Promise<void>): void {
    const callback = app.callback.bind(app);
    app.callback = () => {
      const others = callback();
      return (req, res) => {
        const found = this.#find(req);
        if (found === undefined) return others(req, res);
        const ctx = contextOf(app, req, res);
        return around(ctx, () => Promise.resolve(answerWith(found, ctx))).then(
          () => respond(ctx),
          (error) => ctx.onerror(error),
        );
      };
    };
  }

  #find({ url = "", method }: RequestTarget): Route | undefined {
    const path = rawPath(url);
    const found = this.#byPath.get(path) ?? this.#named.find((named) => parameterOf(named, path))?.route;
    return found?.method === method ? found : undefined;
  }
}

function namedRoute(route: Route): readonly NamedRoute[] {
  const [, before = "", name = "", behind = ""] = /^([^:]+):(\w+)(.*)$/.exec(route.path) ?? [];
  if (!name) return [];
  const answer: Handler = (ctx) => {
    const parameter = parameterOf({ before, behind }, rawPath(ctx.req.url ?? ""));
    Object.assign(ctx, { params: { [name]: parameter } });
    return route.answer(ctx);
  };
  return [{ route: { ...route, answer }, before, behind }];
}

/** Empty where the path is another one, or has something in it that has to be decoded: the router does that. */
function parameterOf({ before, behind }: Omit<NamedRoute, "route">, path: string): string {
  if (!path.startsWith(before) || !path.endsWith(behind)) return "";
  const parameter = path.slice(before.length, path.length - behind.length);
  return /^[\w.-]+$/.test(parameter) ? parameter : "";
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

/** The route with what counts its answers, found ahead so that none of them is looked up. */
export function counted(route: Route, metrics: HttpMetrics | undefined): Route {
  return metrics ? { ...route, count: metrics.route(route.path, route.method) } : route;
}

export function answerWith(route: Route, ctx: RequestContext): void | Promise<void> {
  ctx.state.route = route.path;
  ctx.state.count = route.count;
  if (route.logged) ctx.state.logged = route.logged;
  return route.answer(ctx);
}

type Requests = Parameters<ReturnType<Koa["callback"]>>;

/** As Koa makes it; its own types leave out that `callback` takes requests of HTTP/2 as well. */
function contextOf(app: Koa<RequestState>, req: Requests[0], res: Requests[1]): RequestContext {
  res.statusCode = 404;
  return app.createContext(req as IncomingMessage, res as ServerResponse);
}

/** What Koa does at the end, for an answer that is a text. */
function respond(ctx: RequestContext): void {
  if (ctx.respond === false || !ctx.writable) return;
  ctx.res.end(ctx.body);
}
