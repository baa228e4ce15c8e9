export * from "./create-http-app.ts";
export { type HttpAppOptions, httpRoutes } from "./http-routes.ts";
export * from "./listen.ts";
