import type Koa from "koa";
import { type HttpAppOptions, httpRoutes } from "./http-routes.ts";
import { appOf } from "./server/app.ts";
import { Guard } from "./server/guard.ts";
import type { RequestState } from "./server/request-context.ts";

/**
 * The HTTP API over a pool whose keys have been loaded. Throws when two routes have the same
 * method and path, and a `TypeError` for a network in `guard.trustProxy` that is none.
 */
export function createHttpApp(options: HttpAppOptions): Koa<RequestState> {
  const { pool, clock, log, guard, corsOrigins = [], metrics } = options;
  const { access, holdsSecret } = pool;
  const routes = httpRoutes(options);
  return appOf({
    ...{ routes, log, holdsSecret, corsOrigins, metrics },
    guard: new Guard({ ...guard, access, clock, log, metrics }),
  });
}
