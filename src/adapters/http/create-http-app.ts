import Koa, { type Next } from "koa";
import type { Logger } from "pino";
import type { KeyPool } from "../../application/index.ts";
import type { Clock } from "../../domain/index.ts";
import { logAnswer, logSendingFault } from "./access-log.ts";
import { failFrom } from "./answers.ts";
import { comingRoutes } from "./coming-routes.ts";
import { healthRoutes } from "./health-routes.ts";
import { hotRoutes } from "./hot-routes.ts";
import { keyRoutes } from "./key-routes.ts";
import type { RequestContext, RequestState, Routes } from "./request-context.ts";
import { requestIdOf } from "./request-id.ts";
import { refuseBrokenEncoding, refuseUnknownPath, routing } from "./routing.ts";
import { settingRoutes } from "./setting-routes.ts";
import { systemRoutes } from "./system-routes.ts";
import { testRoutes } from "./test-routes.ts";
import { uploadRoutes } from "./upload-routes.ts";

export interface HttpAppOptions {
  readonly pool: KeyPool;
  /** Judges statuses in answers and counts the uptime. */
  readonly clock: Clock;
  readonly log: Logger;
  /** Told by the health check. */
  readonly version: string;
}

const BASE = "/api";

/** The HTTP API over a pool whose keys have been loaded. */
export function createHttpApp({ pool, clock, log, version }: HttpAppOptions): Koa<RequestState> {
  const app = new Koa<RequestState>();
  // Fixed paths first, see `Routes`.
  const routes: Routes = {
    ...comingRoutes(BASE),
    ...testRoutes(BASE, pool),
    ...keyRoutes("speech", `${BASE}/keys`, pool, clock),
    ...keyRoutes("translation", `${BASE}/translation/keys`, pool, clock),
    ...settingRoutes(`${BASE}/config`, pool),
    ...uploadRoutes(`${BASE}/upload`, pool, log),
    ...systemRoutes(`${BASE}/system`, pool),
    ...healthRoutes(`${BASE}/health`, pool, clock, version),
  };

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
    if (ctx.headerSent) ctx.respond = false;
    else {
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
