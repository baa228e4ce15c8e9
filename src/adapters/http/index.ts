export * from "./create-http-app.ts";
export { type HttpAppOptions, httpRoutes } from "./http-routes.ts";
export { failure, success } from "./server/answer-schemas.ts";
export { type FailureDetails, fail, succeed } from "./server/answers.ts";
export { CertificateError } from "./server/certificate.ts";
export { type GuardOptions, scopeOf } from "./server/guard.ts";
export type { HttpMetrics } from "./server/http-metrics.ts";
export * from "./server/listen.ts";
export { isLoopback } from "./server/loopback.ts";
export { readNetworks } from "./server/networks.ts";
export type { OpenTo } from "./server/open-door.ts";
export type { StreamOptions } from "./server/open-streams.ts";
export type { Handler, RequestContext } from "./server/request-context.ts";
export {
  CALLERS as ROLES,
  type Callers as Role,
  type DocumentedAnswer,
  type Route,
  type RouteContract,
  type RouteDefinition,
  route,
} from "./server/route.ts";
export type { WebFile, WebPage } from "./system/page-routes.ts";
