import type Koa from "koa";
import { type HttpAppOptions, httpRoutes } from "./http-routes.ts";
import { appOf } from "./server/app.ts";
import type { RequestState } from "./server/request-context.ts";

/** The HTTP API over a pool whose keys have been loaded. Throws when two routes have the same method and path. */
export function createHttpApp(options: HttpAppOptions): Koa<RequestState> {
  return appOf(httpRoutes(options), options.log);
}
