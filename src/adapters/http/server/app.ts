import Koa, { type Next } from "koa";
import type { Logger } from "pino";
import { isHangUp, logAnswer, logSendingFault } from "./access-log.ts";
import { failFrom } from "./answers.ts";
import { refusingByRote } from "./by-rote.ts";
import type { Guard } from "./guard.ts";
import { counted, guarded, HotRoutes } from "./hot-routes.ts";
import { type HttpMetrics, NO_ROUTE } from "./http-metrics.ts";
import type { RequestContext, RequestState } from "./request-context.ts";
import { requestIdOf } from "./request-id.ts";
import type { Route } from "./route.ts";
import { readTarget, refuseBrokenEncoding, refuseUnknownPath, routing } from "./router.ts";
import { setSecurityHeaders } from "./security-headers.ts";
import { sharedWith } from "./shared-with.ts";
import { forAnyone, strangersInTurn } from "./strangers.ts";

export interface AppParts {
  readonly routes: readonly Route[];
  readonly guard: Guard;
  readonly log: Logger;
  /** Whether a text must not be shown. */
  readonly holdsSecret: (text: string) => boolean;
  /** Origins whose pages may read answers, such as `https://keys.example.com`. */
  readonly corsOrigins: readonly string[];
  /** Counts the answers. */
  readonly metrics: HttpMetrics | undefined;
}

/** Serves the routes, and turns everything else and every fault into an answer of the same shape. */
export function appOf({
  routes: contracts,
  guard,
  log,
  holdsSecret,
  corsOrigins,
  metrics,
}: AppParts): Koa<RequestState> {
  const routes = contracts.map((route) => counted(guarded(route, guard), metrics));
  const countOther = metrics?.route(NO_ROUTE, NO_ROUTE);
  const app = new Koa<RequestState>();

  app.on("error", (error: unknown, ctx?: RequestContext) => logSendingFault(log, ctx, error));
  const around = async (ctx: RequestContext, next: Next) => {
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
      setSecurityHeaders(ctx);
    }
    const ms = performance.now() - startedAt;
    // How long a stream was watched says nothing of how fast it was answered.
    const answeredMs = ctx.state.begunAt === undefined ? ms : ctx.state.begunAt - startedAt;
    // Nobody was answered who hung up; a fault of ours it is not.
    if (!isHangUp(thrown, ctx)) (ctx.state.count ?? countOther)?.(ctx.status, answeredMs);
    logAnswer(log, ctx, ms, thrown);
  };
  const hot = new HotRoutes(routes);
  app.use(around);
  if (corsOrigins.length > 0) app.use(sharedWith(corsOrigins));
  const mayBeForAnyone = forAnyone(routes);
  const inTurn = strangersInTurn(guard, mayBeForAnyone);
  app.use(inTurn);
  app.use(hot.middleware);
  app.use(readTarget);
  app.use(refuseBrokenEncoding);
  app.use(routing(routes, guard));
  app.use((ctx: RequestContext) => refuseUnknownPath(ctx, guard));
  if (corsOrigins.length === 0) hot.shortcut(app, (ctx, next) => around(ctx, () => inTurn(ctx, next)));
  const callback = app.callback.bind(app);
  const byRote = { guard, log, mayBeForAnyone, holdsSecret, corsOrigins, count: countOther };
  app.callback = () => refusingByRote(callback(), byRote);
  return app;
}
