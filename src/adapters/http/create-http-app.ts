import Koa, { type Next } from "koa";
import { logAnswer, logSendingFault } from "./access-log.ts";
import { failFrom } from "./answers.ts";
import { hotRoutes } from "./hot-routes.ts";
import { BASE, type HttpAppOptions, httpRoutes } from "./http-routes.ts";
import type { RequestContext, RequestState } from "./request-context.ts";
import { requestIdOf } from "./request-id.ts";
import { refuseBrokenEncoding, refuseUnknownPath, routing } from "./routing.ts";

/** The HTTP API over a pool whose keys have been loaded. */
export function createHttpApp(options: HttpAppOptions): Koa<RequestState> {
  const { log } = options;
  const app = new Koa<RequestState>();
  const routes = httpRoutes(options);

  app.on("error", (error: unknown, ctx?: RequestContext) => logSendingFault(log, ctx, error));
  app.use(async (ctx: RequestContext, next: Next) => {
    const startedAt = performance.now();
    ctx.state.requestId = requestIdOf(ctx.req.headers["x-request-id"]);
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
  app.use(
    hotRoutes(routes, [
      ["GET", `${BASE}/keys/get`],
      ["GET", `${BASE}/translation/keys/get`],
      ["POST", `${BASE}/keys/status`],
      ["POST", `${BASE}/translation/keys/status`],
    ]),
  );
  app.use(refuseBrokenEncoding);
  app.use(routing(routes));
  app.use(refuseUnknownPath);
  return app;
}
