import Koa, { type Next } from "koa";
import type { Logger } from "pino";
import { logAnswer, logSendingFault } from "./access-log.ts";
import { failFrom } from "./answers.ts";
import type { Guard } from "./guard.ts";
import { guarded, hotRoutes } from "./hot-routes.ts";
import type { RequestContext, RequestState } from "./request-context.ts";
import { requestIdOf } from "./request-id.ts";
import type { Route } from "./route.ts";
import { readTarget, refuseBrokenEncoding, refuseUnknownPath, routing } from "./router.ts";

export interface AppParts {
  readonly routes: readonly Route[];
  readonly guard: Guard;
  readonly log: Logger;
  /** Whether a text must not be shown. */
  readonly holdsSecret: (text: string) => boolean;
}

/** Serves the routes, and turns everything else and every fault into an answer of the same shape. */
export function appOf({ routes: contracts, guard, log, holdsSecret }: AppParts): Koa<RequestState> {
  const routes = contracts.map((route) => guarded(route, guard));
  const app = new Koa<RequestState>();

  app.on("error", (error: unknown, ctx?: RequestContext) => logSendingFault(log, ctx, error));
  app.use(async (ctx: RequestContext, next: Next) => {
    const startedAt = performance.now();
    ctx.state.requestId = requestIdOf(ctx.req.headers["x-request-id"], holdsSecret);
    let thrown: unknown;
    try {
      await next();
    } catch (error) {
      thrown = error;
      failFrom(ctx, error);
    }
    if (ctx.respond !== false) {
      ctx.set("X-Request-Id", ctx.state.requestId);
      // Every answer is about this instant, and some hold a secret.
      ctx.set("Cache-Control", "no-store");
    }
    logAnswer(log, ctx, performance.now() - startedAt, thrown);
  });
  app.use(hotRoutes(routes));
  app.use(readTarget);
  app.use(refuseBrokenEncoding);
  app.use(routing(routes, guard));
  app.use((ctx: RequestContext) => refuseUnknownPath(ctx, guard));
  return app;
}
