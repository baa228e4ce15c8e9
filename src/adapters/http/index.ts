export * from "./create-http-app.ts";
export { type HttpAppOptions, httpRoutes } from "./http-routes.ts";
export { failure, success } from "./server/answer-schemas.ts";
export { type FailureDetails, fail, succeed } from "./server/answers.ts";
export * from "./server/listen.ts";
export type { Handler, RequestContext } from "./server/request-context.ts";
export {
  type DocumentedAnswer,
  ROLES,
  type Role,
  type Route,
  type RouteContract,
  type RouteDefinition,
  route,
} from "./server/route.ts";
